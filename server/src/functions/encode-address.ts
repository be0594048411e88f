import { FUNCTION_LIMITS } from "./function-limits.js";
import { RunStopped } from "./run-stopped.js";

/** Characters that cannot stand in a path or a query as they are: control characters, spaces, what is not ASCII. */
const IN_PATH = /[^\x21-\x7e]|["#<>?\\^`{|}]/gu;
const IN_QUERY = /[^\x21-\x7e]|["#<>\\^`{|}]/gu;

/** A path that a function set: a slash before it, and encoded what cannot stand in a request line. */
export function encodePath(path: string): string {
  const encoded = bounded(path).replace(IN_PATH, percent);
  return encoded === "" || encoded.startsWith("/") ? bounded(encoded) : bounded(`/${encoded}`);
}

/** A query that a function set, without its question mark. */
export function encodeQuery(query: string): string {
  return bounded(bounded(query).replace(/^\?/, "").replace(IN_QUERY, percent));
}

function percent(character: string): string {
  return Buffer.from(character, "utf8").reduce((all, byte) => `${all}%${hex(byte)}`, "");
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

function bounded(text: string): string {
  if (text.length <= FUNCTION_LIMITS.addressBytes) return text;
  throw new RunStopped(
    "output",
    `the function set a path or query of more than ${FUNCTION_LIMITS.addressBytes >> 10} KiB`,
  );
}
