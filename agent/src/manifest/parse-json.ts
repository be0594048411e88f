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
    const before = offset === undefined ? undefined : text.slice(0, Number(offset)).split("\n");
    const place =
      before === undefined ? { file } : { file, line: before.length, column: (before.at(-1) ?? "").length + 1 };
    const hint = "It is YAML: name the file .yaml, or write it as JSON";
    return { ...source, value: undefined, problems: [{ place, path: "", message: "is not valid JSON", hint }] };
  }
}
