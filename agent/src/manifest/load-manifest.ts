import type { Readable } from "node:stream";
import { joinManifest } from "./joined-manifest.js";
import type { LocatedProblem } from "./located-problem.js";
import { MANIFEST_CHECKS, type ManifestChecks } from "./manifest-checks.js";
import { ManifestError } from "./manifest-error.js";
import type { ManifestSource } from "./manifest-source.js";
import { type Path, pathText } from "./path.js";
import { readSources } from "./read-sources.js";
import { mapSecrets } from "./secret-places.js";

export interface LoadOptions {
  /** Files, folders, `-` for standard input. */
  readonly files: readonly string[];
  readonly environment: string | undefined;
  readonly stdin: Readable;
}

/** A manifest of one environment without anything wrong in it; its secrets are not looked up yet. */
export interface LoadedManifest {
  readonly name: string | undefined;
  readonly environment: string | undefined;
  readonly content: unknown;
  readonly checks: ManifestChecks;
  /** A problem at a path of the content, with the place where it was written. */
  locate(path: Path, message: string, hint?: string): LocatedProblem;
}

/** Reads and checks a manifest. Throws ManifestError with everything that is wrong. */
export async function loadManifest({ files, environment, stdin }: LoadOptions): Promise<LoadedManifest> {
  const sources = await readSources(files, stdin);
  const { joined, problems } = check(sources, MANIFEST_CHECKS, () => [environment]);
  if (problems.length > 0) throw new ManifestError(problems);
  return {
    name: joined.name,
    environment,
    content: joined.contentFor(environment),
    checks: MANIFEST_CHECKS,
    locate: (path, message, hint) => joined.locate(environment, path, message, hint),
  };
}

export interface ValidatedManifest {
  readonly environments: readonly string[];
  readonly problems: readonly LocatedProblem[];
}

/** Everything that is wrong with a manifest: in the named environment, or without one and in each that it has. */
export async function validateManifest({ files, environment, stdin }: LoadOptions): Promise<ValidatedManifest> {
  const sources = await readSources(files, stdin);
  const { joined, problems } = check(sources, MANIFEST_CHECKS, (environments) =>
    environment === undefined ? [undefined, ...environments] : [environment],
  );
  return { environments: joined.environments, problems };
}

function check(
  sources: readonly ManifestSource[],
  checks: ManifestChecks,
  choose: (environments: readonly string[]) => readonly (string | undefined)[],
): { readonly joined: ReturnType<typeof joinManifest>; readonly problems: readonly LocatedProblem[] } {
  const joined = joinManifest(sources);
  const problems = new Problems();
  for (const source of sources) {
    problems.add(source.problems);
    if (source.problems.length > 0) continue;
    problems.add(
      checks.written(source.value).map(({ path, message, hint }) => ({
        place: source.place(path),
        path: pathText(path),
        message,
        ...(hint === undefined ? {} : { hint }),
      })),
    );
  }
  problems.add(joined.problems);
  // Names of environments may stand in what could not be read.
  if (sources.some(({ problems: unread }) => unread.length > 0)) return { joined, problems: problems.sorted() };
  for (const environment of choose(joined.environments)) {
    try {
      const content = mapSecrets(joined.contentFor(environment), () => undefined);
      problems.add(
        checks.resolved(content).map(({ path, message, hint }) => joined.locate(environment, path, message, hint)),
      );
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      problems.add(error.problems);
    }
  }
  return { joined, problems: problems.sorted() };
}

/** Gathers problems. Of a place that one check has objected to, the next one need not say more. */
class Problems {
  readonly #all: LocatedProblem[] = [];
  readonly #seen = new Set<string>();

  add(problems: readonly LocatedProblem[]): void {
    const fresh = problems.filter((each) => each.path === "" || !this.#seen.has(key(each)));
    this.#all.push(...fresh);
    for (const each of fresh) this.#seen.add(key(each));
  }

  /** In the order of the text. */
  sorted(): LocatedProblem[] {
    return this.#all.sort(
      (a, b) =>
        (a.place.file < b.place.file ? -1 : a.place.file > b.place.file ? 1 : 0) ||
        (a.place.line ?? 0) - (b.place.line ?? 0) ||
        (a.place.column ?? 0) - (b.place.column ?? 0),
    );
  }
}

function key({ place, path }: LocatedProblem): string {
  return `${place.file}\n${path}`;
}
