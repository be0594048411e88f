import { resolve } from "node:path";
import { SCHEMA } from "@relay/provider-schema";
import { didYouMean } from "@relay/provider-schema/nearest-name";
import { isRecord } from "./is-record.js";
import { type LocatedProblem, type Place, placeText } from "./located-problem.js";
import { ManifestError } from "./manifest-error.js";
import type { ManifestSource } from "./manifest-source.js";
import { mergeOverlay } from "./merge-overlay.js";
import { type Path, pathText } from "./path.js";
import { mapSecrets } from "./secret-places.js";
import { valueAt } from "./value-at.js";
import { wholeObjects } from "./whole-objects.js";

/** The collections at the top: `buckets`, `tokens`. */
const COLLECTIONS = SCHEMA.resources.filter(({ parent }) => parent === undefined).map(({ plural }) => plural);

/** Several files as one manifest. */
export interface JoinedManifest {
  readonly name: string | undefined;
  readonly environments: readonly string[];
  readonly problems: readonly LocatedProblem[];
  /** The content for an environment, or without one; files with secrets by their absolute paths. */
  contentFor(environment: string | undefined): unknown;
  /** A problem of that content, with the place it comes from: the environment's own text before the rest. */
  locate(environment: string | undefined, path: Path, message: string, hint?: string): LocatedProblem;
}

/** Joins files. An object is declared in one of them; a second declaration is a problem, as is a second name. */
export function joinManifest(sources: readonly ManifestSource[]): JoinedManifest {
  const problems: LocatedProblem[] = [];
  const names = sources.flatMap((source) => {
    const name = valueAt(source.value, ["name"]);
    return typeof name === "string" ? [{ name, place: source.place(["name"]) }] : [];
  });
  const [first] = names;
  for (const { name, place } of names) {
    if (first === undefined || name === first.name) continue;
    problems.push({
      place,
      path: "name",
      message: "differs from the name in another file",
      hint: `See ${placeText(first.place)}`,
    });
  }
  const join = (prefix: Path): Record<string, unknown> =>
    Object.fromEntries(
      COLLECTIONS.flatMap((plural) => {
        const objects = joinCollection(sources, [...prefix, plural], problems);
        return objects === undefined ? [] : [[plural, objects]];
      }),
    );
  const environments = [...new Set(sources.flatMap(({ value }) => keysOf(valueAt(value, ["environments"]))))];
  const base = join([]);
  const overlays = new Map(environments.map((name) => [name, join(["environments", name])]));
  return {
    name: first?.name,
    environments,
    problems,
    contentFor: (environment) => {
      if (environment === undefined) return wholeObjects(base);
      const overlay = overlays.get(environment);
      if (overlay === undefined) throw unknownEnvironment(environment, environments, sources);
      return wholeObjects(mergeOverlay(base, overlay));
    },
    locate: (environment, path, message, hint) => {
      const found = originOf(sources, environment, path);
      return { place: found.place, path: pathText(found.path), message, ...(hint === undefined ? {} : { hint }) };
    },
  };
}

function joinCollection(
  sources: readonly ManifestSource[],
  path: Path,
  problems: LocatedProblem[],
): Record<string, unknown> | null | undefined {
  const objects = new Map<string, unknown>();
  const places = new Map<string, Place>();
  let there = false;
  let cleared = false;
  for (const source of sources) {
    const collection = valueAt(source.value, path);
    there ||= collection !== undefined;
    cleared ||= collection === null;
    for (const name of keysOf(collection)) {
      const at = [...path, name];
      const place = source.place(at);
      const other = places.get(name);
      if (other !== undefined) {
        const hint = `Declare it in one place. The other one is ${placeText(other)}`;
        problems.push({ place, path: pathText(at), message: "is declared twice", hint });
        continue;
      }
      places.set(name, place);
      objects.set(name, withAbsoluteFiles(valueAt(source.value, at), at, source.directory));
    }
  }
  if (!there) return undefined;
  return cleared && objects.size === 0 ? null : Object.fromEntries(objects);
}

/** Files with secrets are relative to the file that names them. */
function withAbsoluteFiles(object: unknown, path: Path, directory: string): unknown {
  const [plural = "", name = ""] = path.slice(-2).map(String);
  const content = mapSecrets({ [plural]: { [name]: object } }, (value) =>
    isRecord(value) && typeof value.file === "string" ? { file: resolve(directory, value.file) } : value,
  );
  return valueAt(content, [plural, name]);
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** Where the value at a path of a content was written; of a missing one, what it is missing in. */
function originOf(
  sources: readonly ManifestSource[],
  environment: string | undefined,
  path: Path,
): { readonly path: Path; readonly place: Place } {
  const prefixes: Path[] = environment === undefined ? [[]] : [["environments", environment], []];
  for (let length = path.length; length > 0; length -= 1) {
    for (const prefix of prefixes) {
      const at = [...prefix, ...path.slice(0, length)];
      const source = sources.find(({ value }) => valueAt(value, at) !== undefined);
      if (source !== undefined) return { path: [...prefix, ...path], place: source.place(at) };
    }
  }
  return { path, place: sources[0]?.place([]) ?? { file: "" } };
}

function unknownEnvironment(name: string, known: readonly string[], sources: readonly ManifestSource[]): ManifestError {
  const hint =
    known.length === 0 ? "The manifest has no environments" : `There are ${known.join(", ")}${didYouMean(name, known)}`;
  const place = sources.find(({ value }) => valueAt(value, ["environments"]) !== undefined)?.place(["environments"]);
  return new ManifestError([
    {
      place: place ?? { file: sources[0]?.file ?? "" },
      path: pathText(["environments", name]),
      message: "is not there",
      hint,
    },
  ]);
}
