import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { manifestSchema } from "./derive/json-schema.js";
import { openApiParts } from "./derive/openapi.js";
import { pulumiSchema } from "./derive/pulumi.js";
import { pulumiSdk } from "./derive/pulumi-sdk.js";
import { referenceText } from "./derive/reference.js";
import { terraformSchema } from "./derive/terraform.js";
import { typesText } from "./derive/types.js";
import { packageVersion } from "./package-version.js";
import { SCHEMA } from "./schema.js";

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Files that follow from the schema, by their path in this package. */
const FILES: Readonly<Record<string, string>> = {
  "src/generated/types.ts": typesText(SCHEMA.resources),
  "generated/manifest.schema.json": json(manifestSchema(SCHEMA.resources)),
  "generated/openapi.json": json(openApiParts(SCHEMA)),
  "generated/reference.md": referenceText(SCHEMA),
  "generated/terraform-schema.json": json(terraformSchema(SCHEMA)),
  "generated/pulumi-schema.json": json(pulumiSchema(SCHEMA, packageVersion())),
  ...Object.fromEntries(
    Object.entries(pulumiSdk(SCHEMA, packageVersion())).map(([name, text]) => [`generated/pulumi-sdk/${name}`, text]),
  ),
};

for (const [path, text] of Object.entries(FILES)) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
