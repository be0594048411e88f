/** One line of a difference between two lists of lines. */
export interface DifferentLine {
  readonly sign: "+" | "-" | " ";
  readonly text: string;
}

/** Beyond it the middle is shown as replaced: the table of the exact comparison grows with the product. */
const MAX_TABLE = 1_000_000;

/** The lines of both, each once, with what was taken out before what came instead. */
export function lineDifference(before: readonly string[], after: readonly string[]): DifferentLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  const same = (lines: readonly string[]): DifferentLine[] => lines.map((text) => ({ sign: " ", text }));
  return [
    ...same(before.slice(0, start)),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(before.slice(before.length - end)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): DifferentLine[] {
  const removed = (text: string): DifferentLine => ({ sign: "-", text });
  const added = (text: string): DifferentLine => ({ sign: "+", text });
  if (before.length * after.length > MAX_TABLE) return [...before.map(removed), ...after.map(added)];
  const width = after.length + 1;
  // Length of the longest common part behind each pair of positions.
  const common = new Uint32Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: DifferentLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const [old, fresh] = [before[row], after[column]];
    if (old !== undefined && old === fresh) {
      lines.push({ sign: " ", text: old });
      row += 1;
      column += 1;
    } else if (old !== undefined && (fresh === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(removed(old));
      row += 1;
    } else {
      lines.push(added(fresh ?? ""));
      column += 1;
    }
  }
  return lines;
}
