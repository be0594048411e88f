import { HeaderLines } from "../functions/header-lines.js";

/**
 * The header fields of a function's call, names and values alternating. Throws when one would break the message or speak for
 * whoever sends it: a worker has checked that already, and its word is not relied on.
 */
export function requestHeaders(
  headers: readonly (readonly [name: string, value: string])[],
  authorization: string | null,
): string[] {
  const lines = new HeaderLines([["User-Agent", "relay-function"]]);
  if (authorization !== null) lines.set("Authorization", authorization);
  for (const [name, value] of headers) {
    if (/^(host|proxy-.*)$/i.test(name) || !lines.set(name, value)) throw new Error(`header ${name} cannot be set`);
  }
  return lines.lines.flat();
}
