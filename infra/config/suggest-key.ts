import { distance } from "fastest-levenshtein";

/** " Did you mean relay:domain?" when a known key is that close (two letters swapped are two), ignoring case; nothing otherwise. */
export function suggestKey(given: string, known: readonly string[]): string {
  const near = known
    .map((key) => ({ key, edits: distance(given.toLowerCase(), key.toLowerCase()) }))
    .filter(({ key, edits }) => edits <= Math.max(2, Math.floor(key.length / 4)))
    .sort((a, b) => a.edits - b.edits)[0];
  return near === undefined ? "" : ` Did you mean relay:${near.key}?`;
}
