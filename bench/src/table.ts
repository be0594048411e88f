import type { Figure } from "./figure.js";

/** One line of the table: the repeats of a figure, summed up. */
export interface TableRow {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly ratio?: number | undefined;
  readonly target?: string | undefined;
  readonly reached?: boolean | undefined;
  readonly stealPercent: number;
  readonly load: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** Sums up repeats: medians, with the range beside them; the worst steal and load. Order of first appearance. */
export function summarize(figures: readonly Figure[]): TableRow[] {
  const byName = new Map<string, Figure[]>();
  for (const figure of figures) byName.set(figure.name, [...(byName.get(figure.name) ?? []), figure]);
  return [...byName].map(([name, repeats]) => {
    const values = repeats.map((figure) => figure.value);
    const ratios = repeats.flatMap((figure) => (figure.ratio === undefined ? [] : [figure.ratio]));
    const value = median(values);
    const ratio = ratios.length === 0 ? undefined : median(ratios);
    const target = repeats.at(0)?.target;
    return {
      name,
      unit: repeats.at(0)?.unit ?? "",
      median: value,
      min: Math.min(...values),
      max: Math.max(...values),
      ratio,
      target: target?.text,
      reached: target?.reached(value, ratio),
      stealPercent: Math.max(...repeats.map((figure) => figure.noise.stealPercent)),
      load: Math.max(...repeats.map((figure) => figure.noise.load)),
    };
  });
}

function number(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3;
  return Number.isInteger(value)
    ? value.toLocaleString("en")
    : value.toLocaleString("en", { maximumFractionDigits: digits });
}

const TITLES = ["row", "median", "min - max", "unit", "to bare fastify", "target", "reached", "steal %", "load"];

/** The table as aligned text that is Markdown too. */
export function formatTable(rows: readonly TableRow[]): string {
  const cells = rows.map((row) => [
    row.name,
    number(row.median),
    row.min === row.max ? "" : `${number(row.min)} - ${number(row.max)}`,
    row.unit,
    row.ratio === undefined ? "" : row.ratio.toFixed(2),
    row.target ?? "",
    row.reached === undefined ? "" : row.reached ? "yes" : "NO",
    row.stealPercent.toFixed(1),
    row.load.toFixed(1),
  ]);
  const widths = TITLES.map((title, column) =>
    Math.max(title.length, ...cells.map((line) => line[column]?.length ?? 0)),
  );
  const left = new Set([0, 3, 5, 6]);
  const format = (line: readonly string[]) =>
    `| ${line.map((cell, column) => (left.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (left.has(column) ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [format(TITLES), rule, ...cells.map(format)].join("\n");
}
