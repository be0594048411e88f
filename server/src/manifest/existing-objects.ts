import {
  BUCKET,
  declaredValues,
  type ExistingObject,
  INPUT,
  manifestAttributes,
  OUTPUT,
  type Resource,
  TOKEN,
  type Values,
} from "@relay/provider-schema";
import { bucketView } from "../admin/bucket-view.js";
import { declaredToken } from "../admin/declared-token.js";
import { inputView } from "../admin/input-view.js";
import { outputView } from "../admin/output-view.js";
import type { SettingSecrets } from "../attributes/settings.js";
import type { Catalog } from "../catalog/catalog.js";
import type { BucketAuth } from "../catalog/model.js";
import { keptSecret } from "./secret-comparison.js";

/** Everything in the catalog that a manifest could declare. */
export function existingObjects(catalog: Catalog): ExistingObject[] {
  const bucketForm = formOf(BUCKET);
  const inputForm = formOf(INPUT);
  const outputForm = formOf(OUTPUT);
  const tokenForm = formOf(TOKEN);
  const buckets = catalog.buckets().flatMap((bucket) => {
    const own = bucketView({ ...bucket, inputs: [], outputs: [] }, "");
    return [
      bucketForm(bucket, [bucket.name], own, authSecrets(bucket.auth)),
      ...bucket.inputs.map((input) =>
        inputForm(input, [bucket.name, input.name], inputView(input, ""), keptSecrets(input.secrets)),
      ),
      ...bucket.outputs.map((output) =>
        outputForm(output, [bucket.name, output.name], outputView(output), keptSecrets(output.secrets)),
      ),
    ];
  });
  const tokens = catalog.tokens().flatMap((token) => {
    // One without a name cannot be declared.
    if (token.name === null) return [];
    return [tokenForm(token, [token.name], declaredToken(token), { own_secret: token.secretHash })];
  });
  return [...buckets, ...tokens];
}

type Form = (
  object: { readonly id: string; readonly managedBy: string },
  path: readonly string[],
  view: object,
  secrets?: Readonly<Record<string, string>>,
) => ExistingObject;

/** What the API shows holds every attribute by its name: an object follows from it by the definition alone. */
function formOf(resource: Resource): Form {
  const attributes = manifestAttributes(resource);
  return ({ id, managedBy }, path, view, secrets = {}) => ({
    resource: resource.name,
    path,
    id,
    managedBy,
    values: declaredValues(attributes, view as Values),
    secrets,
  });
}

function keptSecrets(secrets: SettingSecrets): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(secrets).map(([path, secret]) => [path, keptSecret(secret)]));
}

function authSecrets(auth: BucketAuth): Readonly<Record<string, string>> {
  switch (auth.type) {
    case "basic":
      return { "auth.password": auth.hash };
    case "token":
      return { "auth.token": auth.hash };
    default:
      return {};
  }
}
