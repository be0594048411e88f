/**
 * The name that a misspelt word most likely means, or undefined. At most one edit (a letter more, less or other, two swapped)
 * for every three letters: `bukets` is buckets, but `bogus` is not logs. The beginning of a longer name counts too.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const edits = distance(typed, name);
    if (edits >= fewest || edits > Math.max(typed.length, name.length) / 3) continue;
    best = name;
    fewest = edits;
  }
  return best ?? (typed.length < 3 ? undefined : names.find((name) => name.startsWith(typed)));
}

/** `. Did you mean x?`, or nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  return nearest === undefined ? "" : `. Did you mean ${nearest}?`;
}

/** Edits between two words, a swap of neighbours counting as one (optimal string alignment). */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const at = (line: readonly number[], place: number) => line[place] ?? Number.POSITIVE_INFINITY;
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}
