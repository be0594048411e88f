import type { SourcePosition } from "../source-position.js";

/** The name that a function's source has in messages; the equals sign tells Lua to show it as it is. */
export const LUA_CHUNK = "=function.lua";

const PLACE = /^function\.lua:(\d{1,7}): /;
/** What a message says it is about: near 'x', global 'x', field 'x'. */
const NAMED = /(?:near|local|global|field|method|upvalue|constant|label) '([^']{1,80})'/;

/**
 * Lua tells the line. The column is that of what the message names, when it stands in the line, else where the line's text
 * begins.
 */
export function luaPosition(message: string, source: string): { text: string; place: SourcePosition | undefined } {
  const found = PLACE.exec(message);
  if (found === null) return { text: message, place: undefined };
  const text = message.slice(found[0].length);
  const line = Number(found[1]);
  const code = source.split("\n", line)[line - 1] ?? "";
  const named = NAMED.exec(text)?.[1];
  const at = named === undefined ? -1 : code.indexOf(named);
  const begin = code.search(/\S/);
  return { text, place: { line, column: (at === -1 ? Math.max(0, begin) : at) + 1 } };
}
