import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { LocatedProblem, Place } from "./located-problem.js";
import type { ManifestSource } from "./manifest-source.js";
import type { Path } from "./path.js";

/** Most uses of anchors: a few nested ones can stand for more than fits into memory. */
const MAX_ALIASES = 100;

/** Parses YAML 1.2. `file` is for messages; JSON is read by it too, for the places of its values. */
export function parseYaml(text: string, file: string, directory: string): ManifestSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2", schema: "core" });
  const placeOf = (offset: number | undefined): Place => {
    if (offset === undefined) return { file };
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problem = (offset: number | undefined, message: string, hint?: string): LocatedProblem => ({
    place: placeOf(offset),
    path: "",
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const problems = [
    ...document.errors.map(({ code, message, pos }) =>
      problem(pos[0], MESSAGES[code] ?? `is not valid YAML: ${message}`),
    ),
    ...document.warnings.map(({ message, pos }) => problem(pos[0], `is not plain YAML: ${message}`)),
    ...oddKeys(document.contents).map((key) =>
      problem(startOf(key), "a name must be text", "Put it in quotes, or it would be read as something else"),
    ),
  ];
  let value: unknown;
  if (problems.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (error) {
      if (!(error instanceof ReferenceError)) throw error;
      problems.push(problem(undefined, `cannot follow its aliases: ${error.message}`));
    }
  }
  return {
    file,
    directory,
    value,
    problems,
    place: (path) => placeOf(nearest(document, path)),
  };
}

const MESSAGES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "is there twice: a name may stand only once in a mapping",
  MULTIPLE_DOCS: "another document begins: a manifest is one document",
};

/** Keys that are numbers, truth values, null or collections: as names they would silently become other ones (`1.0` is `1`). */
function oddKeys(node: unknown): Node[] {
  if (isSeq(node)) return node.items.flatMap(oddKeys);
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => [
    ...(isScalar(key) && typeof key.value === "string" ? [] : [key as Node]),
    ...oddKeys(value),
  ]);
}

function startOf(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0];
}

/** Offset of what stands at a path: of a mapping's value its key, of a list's entry the entry. */
function nearest(document: Document.Parsed, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === "number") {
      node = node.items[part];
      if (node === undefined) return offset;
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
