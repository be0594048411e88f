import { Document, isMap, type Node } from "yaml";
import type { ExportedManifest } from "./exported-manifest.js";
import { isRecord } from "./is-record.js";
import { type Path, pathText } from "./path.js";

/** How an exported manifest can be written. */
export const MANIFEST_FORMATS = ["yaml", "json", "ts"] as const;

export type ManifestFormat = (typeof MANIFEST_FORMATS)[number];

/** Beside a reference to a secret that nobody has put there yet. */
const SUPPLY = "must be supplied: the server keeps no secret in plain text";

/** The manifest as a file's text. */
export function manifestText(manifest: ExportedManifest, format: ManifestFormat): string {
  switch (format) {
    case "yaml":
      return yamlText(manifest);
    case "json":
      return `${JSON.stringify(manifest.value, null, 2)}\n`;
    case "ts":
      return typescriptText(manifest);
  }
}

function yamlText({ value, references }: ExportedManifest): string {
  const document = new Document(value, { version: "1.2", schema: "core" });
  for (const { path } of references) {
    const node = document.getIn(path, true) as Node | undefined;
    if (!isMap(node)) continue;
    node.flow = true;
    node.comment = ` ${SUPPLY}`;
  }
  // Lines as they are: a folded one is hard to compare.
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function typescriptText({ value, references }: ExportedManifest): string {
  const noted = new Set(references.map(({ path }) => pathText(path)));
  const text = literal(value, [], noted);
  return `import { defineManifest } from "@relay/provider-schema";\n\nexport default defineManifest(${text});\n`;
}

/** A value as TypeScript, in the layout that formatters leave alone. */
function literal(value: unknown, path: Path, noted: ReadonlySet<string>): string {
  const pad = "  ".repeat(path.length);
  if (isRecord(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return "{}";
    const lines = entries.map(([name, each]) => {
      const at = [...path, name];
      const comment = noted.has(pathText(at)) ? ` // ${SUPPLY}` : "";
      return `${pad}  ${key(name)}: ${literal(each, at, noted)},${comment}\n`;
    });
    return `{\n${lines.join("")}${pad}}`;
  }
  // Valid JSON has two line separators that older programs take for line ends.
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** A computed key for the one name that would set the prototype instead of a property. */
function key(name: string): string {
  if (name === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
