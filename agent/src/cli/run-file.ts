import { readFileSync } from "node:fs";
import { didYouMean } from "@relay/provider-schema/nearest-name";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { CliError, EXIT } from "./exit-codes.js";

/** The declarative file of `relay run -c`. */
export interface RunFile {
  readonly key?: string;
  readonly secret?: string;
  readonly buckets: readonly string[];
  readonly server?: string;
  readonly allow: readonly string[];
  readonly concurrency?: number;
  /** Reads it again, as what it holds may change. */
  readonly source?: { readonly path: string; read(): RunFile };
}

const FIELDS = ["version", "key", "secret", "buckets", "server", "allow", "concurrency"];

/** Reads and checks a run file. Throws CliError with file, line, path of the field and a hint. */
export function readRunFile(path: string): RunFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CliError(`cannot read ${path}: ${(cause as Error).message}`, EXIT.usage, { cause });
  }
  return { ...parseRunFile(text, path), source: { path, read: () => readRunFile(path) } };
}

/** Checks the text of a run file; `path` is for messages. */
export function parseRunFile(text: string, path: string): RunFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new CliError(`${path}:${lines.linePos(broken.pos[0]).line}: not valid YAML: ${broken.message}`, EXIT.usage);
  }
  const fail = (field: readonly (string | number)[], problem: string): never => {
    // Of a field the line of its name, of a list's entry the line of the entry.
    const key = isMap(document.contents)
      ? document.contents.items.find((pair) => isScalar(pair.key) && pair.key.value === field[0])?.key
      : undefined;
    const node = (field.length === 1 ? key : document.getIn(field, true)) as
      | { range?: [number, number, number] }
      | undefined;
    const line = node?.range === undefined ? "" : `:${lines.linePos(node.range[0]).line}`;
    throw new CliError(`${path}${line}: ${field.join(".") || "the file"} ${problem}`, EXIT.usage);
  };
  const content: unknown = document.toJS();
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return fail([], "must be a mapping, beginning with: version: v1");
  }
  const fields = content as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    if (name === "relayer") fail([name], "is not supported: this agent forwards over HTTP only");
    if (!FIELDS.includes(name))
      fail([name], `is not a known field; known are ${FIELDS.join(", ")}${didYouMean(name, FIELDS)}`);
  }
  if (fields.version !== "v1") fail("version" in fields ? ["version"] : [], 'needs "version: v1"');
  const text1 = (name: string): string | undefined => {
    const found = fields[name];
    if (found === undefined || found === null) return undefined;
    return typeof found === "string"
      ? found
      : fail([name], `must be text${typeof found === "number" ? ": put it in quotes" : ""}`);
  };
  const list = (name: string): string[] => {
    const found = fields[name];
    if (found === undefined || found === null) return [];
    if (!Array.isArray(found)) return fail([name], "must be a list");
    return found.map((entry, at) =>
      typeof entry === "string" && entry !== "" ? entry : fail([name, at], "must be text"),
    );
  };
  const concurrency = fields.concurrency;
  if (concurrency !== undefined && (!Number.isInteger(concurrency) || (concurrency as number) < 1)) {
    fail(["concurrency"], "must be a whole number of at least 1");
  }
  const [key, secret, server] = [text1("key"), text1("secret"), text1("server")];
  return {
    buckets: list("buckets"),
    allow: list("allow"),
    ...(key === undefined ? {} : { key }),
    ...(secret === undefined ? {} : { secret }),
    ...(server === undefined ? {} : { server }),
    ...(concurrency === undefined ? {} : { concurrency: concurrency as number }),
  };
}
