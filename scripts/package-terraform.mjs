/**
 * Packs the Terraform provider as one file that needs nothing but Node on PATH, into a folder (by default
 * provider-schema/dist/terraform-package):
 *
 *   unpacked/  for `dev_overrides`
 *   mirror/    for `filesystem_mirror`, an archive for each platform
 *
 * Run after `npm run build`.
 */
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { zipArchive } from "./zip-archive.mjs";

const ADDRESS = "relay.local/relay/relay";
/** Windows needs an `.exe`, which a script is none. */
const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"];

const root = fileURLToPath(new URL("../provider-schema/", import.meta.url));
const out = `${resolve(process.argv[2] ?? `${root}dist/terraform-package`)}/`;
const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));

const { outputFiles: [bundle] = [] } = await build({
  stdin: {
    contents: `import { runProvider } from "./dist/terraform/run-provider.js"; runProvider(${JSON.stringify(version)});`,
    resolveDir: root,
  },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  minify: true,
  // Stack traces name functions.
  keepNames: true,
  legalComments: "eof",
  banner: { js: "#!/usr/bin/env node" },
  write: false,
});
if (bundle === undefined) throw new Error("esbuild made nothing");
const program = Buffer.from(bundle.contents);

const files = [
  { name: `terraform-provider-relay_v${version}`, content: program, mode: 0o755 },
  // Whose project it is unpacked in decides otherwise what a file without an extension is.
  { name: "package.json", content: Buffer.from('{ "type": "commonjs" }\n'), mode: 0o644 },
];

for (const part of ["unpacked", "mirror"]) await rm(out + part, { recursive: true, force: true });
await mkdir(`${out}unpacked`, { recursive: true });
for (const { name, content, mode } of files) {
  await writeFile(`${out}unpacked/${name}`, content);
  await chmod(`${out}unpacked/${name}`, mode);
}
const archive = zipArchive(files);
await mkdir(`${out}mirror/${ADDRESS}`, { recursive: true });
for (const platform of PLATFORMS) {
  await writeFile(`${out}mirror/${ADDRESS}/terraform-provider-relay_${version}_${platform}.zip`, archive);
}
process.stdout.write(
  `${out}: ${Math.round(program.length / 1024)} KiB, packed ${Math.round(archive.length / 1024)} KiB\n`,
);
