import { printable } from "../render/printable.js";
import { printLine, type Terminal } from "./terminal.js";

/** Prints rows in aligned columns under a heading. */
export function printTable(terminal: Terminal, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  const clean = rows.map((row) => row.map(printable));
  const widths = heading.map((name, column) =>
    Math.max(name.length, ...clean.map((row) => (row[column] ?? "").length)),
  );
  for (const row of [heading, ...clean]) {
    printLine(
      terminal,
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  }
}
