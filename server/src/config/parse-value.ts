import type { Setting } from "./settings.js";

export type Value = string | number | boolean | readonly string[];

/** What the text of a variable means, or why it means nothing (the rest of a sentence that begins with the value). */
export type Parsed = { readonly value: Value } | { readonly problem: string };

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1_024,
  kb: 1_000,
  kib: 1_024,
  m: 1_048_576,
  mb: 1_000_000,
  mib: 1_048_576,
  g: 1_073_741_824,
  gb: 1_000_000_000,
  gib: 1_073_741_824,
};

/** Reads the text of a variable as the setting's type; bounds and formats are checked later. */
export function parseValue(type: Setting["type"], text: string): Parsed {
  switch (type) {
    case "string":
    case "choice":
      return { value: text };
    case "list": {
      const items = text.split(",").map((item) => item.trim());
      return { value: items.filter((item) => item !== "") };
    }
    case "boolean": {
      const word = text.toLowerCase();
      if (["true", "1", "yes", "on"].includes(word)) return { value: true };
      if (["false", "0", "no", "off"].includes(word)) return { value: false };
      return { problem: "is neither true nor false" };
    }
    case "integer":
      if (!/^[+-]?\d{1,15}$/.test(text)) return { problem: "is not a whole number" };
      return { value: Number(text) };
    case "duration":
      return scaled(text, DURATIONS, "is not a time with a unit (ms, s, m, h, d)");
    case "bytes":
      return scaled(text, SIZES, "is not a size (bytes, or with KiB, MiB, GiB)");
  }
}

function scaled(text: string, units: Readonly<Record<string, number>>, problem: string): Parsed {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]*)$/i.exec(text);
  const unit = units[(match?.[2] ?? "?").toLowerCase()];
  if (match === null || unit === undefined) return { problem };
  return { value: Math.round(Number(match[1]) * unit) };
}

/** A number as one would write it: 600000 as "10m", 3145728 as "3MiB". */
export function writeValue(type: Setting["type"], value: Value): string {
  if (typeof value !== "number") return Array.isArray(value) ? value.join(",") : String(value);
  const units: readonly [string, number][] =
    type === "duration"
      ? [
          ["d", 86_400_000],
          ["h", 3_600_000],
          ["m", 60_000],
          ["s", 1_000],
          ["ms", 1],
        ]
      : type === "bytes"
        ? [
            ["GiB", 1_073_741_824],
            ["MiB", 1_048_576],
            ["KiB", 1_024],
            ["", 1],
          ]
        : [["", 1]];
  const [unit, size] = units.find(([, scale]) => value >= scale && value % scale === 0) ?? units.at(-1) ?? ["", 1];
  return `${value / size}${unit}`;
}
