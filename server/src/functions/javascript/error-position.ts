import type { SourcePosition } from "../source-position.js";

/** The name that a function's source has in traces. */
export const JAVASCRIPT_FILE = "function.js";

const PLACE = /function\.js:(\d{1,7})(?::(\d{1,7}))?/;

/** The innermost place in the function's own source that a trace names. */
export function javascriptPosition(stack: string): SourcePosition | undefined {
  const place = PLACE.exec(stack);
  if (place === null) return undefined;
  return { line: Number(place[1]), column: Number(place[2] ?? 1) };
}
