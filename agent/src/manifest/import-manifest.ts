import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord } from "./is-record.js";
import type { LocatedProblem } from "./located-problem.js";
import type { ManifestSource } from "./manifest-source.js";
import { type Path, pathText } from "./path.js";

const TYPESCRIPT = /\.[cm]?ts$/;

/** Whether a file is a program that makes the manifest. */
export function isModule(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file) && !/\.d\.[cm]?ts$/.test(file);
}

/** The default export of a JavaScript or TypeScript module. The module is run. */
export async function importManifest(file: string, directory: string): Promise<ManifestSource> {
  const problem = (message: string, hint?: string, path: Path = []): LocatedProblem => ({
    place: { file },
    path: pathText(path),
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const source = (value: unknown, problems: readonly LocatedProblem[]): ManifestSource => ({
    file,
    directory,
    value: problems.length === 0 ? value : undefined,
    problems,
    place: () => ({ file }),
  });
  if (TYPESCRIPT.test(file) && !stripsTypes()) {
    const message = `Node ${process.versions.node} cannot run TypeScript`;
    return source(undefined, [problem(message, "Take Node 22.18 or newer, or compile it and give the .js file")]);
  }
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as typeof module;
  } catch (error) {
    return source(undefined, [problem(`cannot be run: ${error instanceof Error ? error.message : String(error)}`)]);
  }
  if (module.default === undefined) {
    return source(undefined, [problem("has no default export", "Write: export default defineManifest({ … })")]);
  }
  const found: Path[] = [];
  const value = asData(module.default, [], found, new Set());
  return source(
    value,
    found.map((path) =>
      problem("is no data", "Only text, numbers, true, false, null, lists and plain objects are", path),
    ),
  );
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

/** A copy as JSON would hold it; what it could not hold is gathered in `found`. */
function asData(value: unknown, path: Path, found: Path[], around: ReadonlySet<object>): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (typeof value === "object" && !around.has(value)) {
    const inside = new Set(around).add(value);
    if (Array.isArray(value)) return value.map((item, at) => asData(item, [...path, at], found, inside));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (isRecord(value) && (prototype === null || prototype === Object.prototype)) {
      return Object.fromEntries(
        Object.entries(value)
          .filter(([, each]) => each !== undefined)
          .map(([name, each]) => [name, asData(each, [...path, name], found, inside)]),
      );
    }
  }
  found.push(path);
  return null;
}
