import type { Json, PlannedAttribute } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";
import { type DifferentLine, lineDifference } from "./line-difference.js";
import { valueText } from "./value-text.js";

/** One attribute's change, ready to be shown. */
export interface AttributeLines {
  readonly sign: "+" | "~" | "-";
  /** Such as `headers.X-Environment`. */
  readonly path: string;
  /** In one line each; absent where there is none, and where `lines` say more. */
  readonly before?: string;
  readonly after?: string;
  /** What differs in a text of several lines, or in a long list. */
  readonly lines?: readonly DifferentLine[];
  readonly secret: boolean;
  readonly replaces: boolean;
}

/** Unchanged lines around a change that are shown. */
const CONTEXT = 3;
/** A list that is longer than this in one line is shown entry by entry. */
const LONG_LIST = 80;

/** The lines of an attribute: mappings entry by entry, texts of several lines by their lines. */
export function attributeLines(attribute: PlannedAttribute): AttributeLines[] {
  const { path, before, after, replaces } = attribute;
  const shared = { path: escapedText(path), replaces: replaces === true };
  if (attribute.secret === true) return [{ ...shared, sign: "~", secret: true }];
  const entries = entriesOf(before, after);
  if (entries !== undefined) {
    return entries.flatMap(([name, own]) =>
      attributeLines({ path: `${path}.${name}`, ...own, ...(replaces === undefined ? {} : { replaces }) }),
    );
  }
  const sign = before === undefined ? "+" : after === undefined ? "-" : "~";
  const lines = linesOf(before, after);
  if (lines !== undefined) return [{ ...shared, sign, lines, secret: false }];
  return [
    {
      ...shared,
      sign,
      secret: false,
      ...(before === undefined ? {} : { before: valueText(before) }),
      ...(after === undefined ? {} : { after: valueText(after) }),
    },
  ];
}

type Sides = { before?: Json; after?: Json };

/** The entries that differ between two mappings, or undefined when there is nothing to take apart. */
function entriesOf(before: Json | undefined, after: Json | undefined): [string, Sides][] | undefined {
  const [old, fresh] = [before ?? {}, after ?? {}];
  if (!isMapping(old) || !isMapping(fresh)) return undefined;
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort();
  const entries = names.flatMap((name): [string, Sides][] => {
    const sides: Sides = {};
    if (Object.hasOwn(old, name)) sides.before = old[name] as Json;
    if (Object.hasOwn(fresh, name)) sides.after = fresh[name] as Json;
    const same = valueText(sides.before ?? null) === valueText(sides.after ?? null);
    return same && sides.before !== undefined && sides.after !== undefined ? [] : [[name, sides]];
  });
  return entries.length === 0 ? undefined : entries;
}

function isMapping(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function linesOf(before: Json | undefined, after: Json | undefined): readonly DifferentLine[] | undefined {
  const [old, fresh] = [asLines(before), asLines(after)];
  if (old === undefined || fresh === undefined) return undefined;
  if (!old.several && !fresh.several) return undefined;
  return withoutDistantLines(lineDifference(old.lines, fresh.lines));
}

interface Lines {
  readonly lines: readonly string[];
  readonly several: boolean;
}

function asLines(value: Json | undefined): Lines | undefined {
  if (value === undefined) return { lines: [], several: false };
  if (typeof value === "string") {
    const lines = value === "" ? [] : value.replace(/\n$/, "").split("\n").map(escapedText);
    // As diff does: else the line would look the same with and without it.
    const open = value !== "" && !value.endsWith("\n") ? ["(no line break at the end)"] : [];
    return { lines: [...lines, ...open], several: value.includes("\n") };
  }
  if (Array.isArray(value)) return { lines: value.map(valueText), several: valueText(value).length > LONG_LIST };
  return undefined;
}

function withoutDistantLines(lines: readonly DifferentLine[]): DifferentLine[] {
  const near = new Set<number>();
  lines.forEach(({ sign }, at) => {
    if (sign === " ") return;
    for (let each = at - CONTEXT; each <= at + CONTEXT; each += 1) near.add(each);
  });
  const shown: DifferentLine[] = [];
  let hidden = 0;
  const flush = (): void => {
    if (hidden > 0) shown.push({ sign: " ", text: `… ${hidden} unchanged ${hidden === 1 ? "line" : "lines"}` });
    hidden = 0;
  };
  lines.forEach((line, at) => {
    if (!near.has(at)) {
      hidden += 1;
      return;
    }
    flush();
    shown.push(line);
  });
  flush();
  return shown;
}
