import { readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import { isRecord } from "./is-record.js";
import type { LoadedManifest } from "./load-manifest.js";
import type { LocatedProblem } from "./located-problem.js";
import { ManifestError } from "./manifest-error.js";
import { mapSecrets } from "./secret-places.js";

/** What the server is sent, with the secrets in it: never to be printed or kept. */
export interface ResolvedManifest {
  readonly content: unknown;
  /** What should be better, in words. */
  readonly warnings: readonly string[];
}

/** No secret is longer; a bigger file is another one. */
const MAX_FILE_BYTES = 4096;

/** Looks the secrets up. Throws ManifestError with all that cannot be found or used; messages never repeat one. */
export function resolveManifest(
  manifest: LoadedManifest,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedManifest {
  const problems: LocatedProblem[] = [];
  const warnings = new Set<string>();
  const content = mapSecrets(manifest.content, (reference, path) => {
    const found = lookUp(reference, env);
    if (found.warning !== undefined) warnings.add(found.warning);
    if (found.secret !== undefined) return found.secret;
    problems.push(manifest.locate(path, found.problem ?? "is not there", found.hint));
    return undefined;
  });
  const refused = manifest.checks.resolved(content).map(({ path, message }) => manifest.locate(path, message));
  if (problems.length + refused.length > 0) throw new ManifestError([...problems, ...refused]);
  return { content, warnings: [...warnings] };
}

interface Found {
  readonly secret?: string;
  readonly problem?: string;
  readonly hint?: string;
  readonly warning?: string;
}

function lookUp(reference: unknown, env: Readonly<Record<string, string | undefined>>): Found {
  if (isRecord(reference) && typeof reference.env === "string") return fromEnvironment(reference.env, env);
  if (isRecord(reference) && typeof reference.file === "string") return fromFile(reference.file);
  return { problem: "must say where the secret is found" };
}

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): Found {
  const secret = env[name];
  if (secret !== undefined && secret !== "") return { secret };
  const problem = `needs the environment variable ${name}, which is ${secret === undefined ? "not set" : "empty"}`;
  return { problem, hint: "Set it where this command runs" };
}

function fromFile(path: string): Found {
  const shown = relative(".", path) || path;
  try {
    const { mode, size } = statSync(path);
    if (size > MAX_FILE_BYTES) return { problem: `names ${shown}, which is too big to be a secret (${size} bytes)` };
    const secret = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (secret === "") return { problem: `names ${shown}, which is empty` };
    if ((mode & 0o004) === 0 || process.platform === "win32") return { secret };
    return { secret, warning: `every user of this machine can read ${shown}, which holds a secret: chmod 600` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    const why = code === "ENOENT" ? "is not there" : `cannot be read (${code})`;
    return { problem: `needs the file ${shown}, which ${why}` };
  }
}
