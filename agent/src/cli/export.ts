import type { ApiClient } from "../api/api-client.js";
import { type Exported, exportedManifest } from "../manifest/exported-manifest.js";
import { type ManifestFormat, manifestText } from "../manifest/manifest-writers.js";
import { pathText } from "../manifest/path.js";
import { writeFileAtomically } from "../manifest/write-file-atomically.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { noteLine, type Terminal } from "./terminal.js";

export interface ExportFlags {
  readonly manifest?: string;
  readonly out?: string;
  readonly format: ManifestFormat;
}

/** `relay export`: the manifest of what exists, secrets being references that are still to be supplied. */
export async function exportManifest(api: ApiClient, terminal: Terminal, flags: ExportFlags): Promise<ExitCode> {
  const query = flags.manifest === undefined ? "" : `?${new URLSearchParams({ manifest: flags.manifest })}`;
  const manifest = exportedManifest(await api.json<Exported>("GET", `/v1/export${query}`), flags.manifest);
  const text = manifestText(manifest, flags.format);
  if (flags.out === undefined) terminal.stdout.write(text);
  else writeFileAtomically(flags.out, text, 0o644);
  for (const { path, variable } of manifest.references) {
    noteLine(terminal, `note: ${pathText(path)} is a secret: supply it as ${variable}`);
  }
  return EXIT.ok;
}
