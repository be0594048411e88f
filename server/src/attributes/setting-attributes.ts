import { type Attributes, INPUT, OUTPUT, type Resource } from "@relay/provider-schema";

/** Attributes that have a column, or a meaning, of their own. */
const OWN: Readonly<Record<string, ReadonlySet<string>>> = {
  input: new Set(["id", "name", "bucket", "bucket_id", "description", "status_code", "headers", "body", "url"]),
  output: new Set([
    "id",
    "name",
    "bucket",
    "bucket_id",
    "description",
    "destination",
    "internal",
    "disabled",
    "lock_path",
    "headers",
    "timeout",
    "tls_verification",
    "agents",
  ]),
};

/** Attributes that are kept as the definition has them, in the column `settings`: whatever is added to it is one of these. */
export const INPUT_SETTINGS = settingAttributes(INPUT);
export const OUTPUT_SETTINGS = settingAttributes(OUTPUT);

function settingAttributes({ name, attributes }: Resource): Attributes {
  const own = OWN[name];
  return Object.fromEntries(
    Object.entries(attributes).filter(
      ([attribute, { presence, only }]) =>
        presence !== "computed" && only === undefined && own?.has(attribute) !== true,
    ),
  );
}
