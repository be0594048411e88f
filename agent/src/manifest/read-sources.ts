import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { Readable } from "node:stream";
import { CliError, EXIT } from "../cli/exit-codes.js";
import { readAll } from "../cli/prompt.js";
import { importManifest, isModule } from "./import-manifest.js";
import type { ManifestSource } from "./manifest-source.js";
import { parseJson } from "./parse-json.js";
import { parseYaml } from "./parse-yaml.js";

const DATA_FILE = /\.(ya?ml|json)$/;

/**
 * Reads the files of a manifest: YAML, JSON, modules, folders of YAML and JSON files, `-` for standard input. Throws
 * CliError for what cannot be read; what is wrong inside a file is in its `problems`.
 */
export async function readSources(files: readonly string[], stdin: Readable): Promise<ManifestSource[]> {
  const sources: ManifestSource[] = [];
  for (const file of new Set(files.flatMap(filesAt))) sources.push(await readSource(file, stdin));
  return sources;
}

async function readSource(file: string, stdin: Readable): Promise<ManifestSource> {
  if (file === "-") return parseYaml(await readAll(stdin), "standard input", ".");
  if (isModule(file)) return importManifest(file, dirname(file));
  const parse = extname(file) === ".json" ? parseJson : parseYaml;
  return parse(
    attempt(file, () => readFileSync(file, "utf8")),
    file,
    dirname(file),
  );
}

/** A file itself; of a folder the files in it, in the order of their names. Modules are run only when they are named. */
function filesAt(path: string): string[] {
  if (path === "-" || !attempt(path, () => statSync(path)).isDirectory()) return [path];
  const files = attempt(path, () => readdirSync(path, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".") && DATA_FILE.test(entry.name))
    .map(({ name }) => join(path, name))
    .sort();
  if (files.length > 0) return files;
  throw new CliError(`${path} has no .yaml, .yml or .json file`, EXIT.usage);
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new CliError(`cannot read ${path}: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
}
