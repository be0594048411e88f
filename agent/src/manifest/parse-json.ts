import type { ManifestSource } from "./manifest-source.js";
import { parseYaml } from "./parse-yaml.js";

/** Parses JSON, strictly. Problems never repeat the text: a secret may stand there by mistake. */
export function parseJson(text: string, file: string, directory: string): ManifestSource {
  const source = parseYaml(text, file, directory);
  if (source.problems.length > 0) return source;
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return source;
  } catch (error) {
    const offset = /position (\d+)/.exec((error as Error).message)?.[1];
    const before = text.slice(0, offset === undefined ? endOfTokens(text) : Number(offset)).split("\n");
    const place = { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
    const hint = "It is YAML: name the file .yaml, or write it as JSON";
    return { ...source, value: undefined, problems: [{ place, path: "", message: "is not valid JSON", hint }] };
  }
}

const TOKENS = /(?:\s+|[{}[\]:,]|"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)*/y;

/** Where the text stops being made of JSON's words: for an unquoted one the engine tells no position. */
function endOfTokens(text: string): number {
  TOKENS.lastIndex = 0;
  return TOKENS.exec(text)?.[0].length ?? 0;
}
