import {
  BUCKET,
  declaredValues,
  type ExistingObject,
  INPUT,
  manifestAttributes,
  OUTPUT,
  type Resource,
  type Values,
} from "@relay/provider-schema";
import { bucketView } from "../admin/bucket-view.js";
import { inputView } from "../admin/input-view.js";
import { outputView } from "../admin/output-view.js";
import type { Catalog } from "../catalog/catalog.js";
import type { BucketAuth } from "../catalog/model.js";

/** Everything in the catalog that a manifest could declare. */
export function existingObjects(catalog: Catalog): ExistingObject[] {
  const bucketForm = formOf(BUCKET);
  const inputForm = formOf(INPUT);
  const outputForm = formOf(OUTPUT);
  return catalog
    .buckets()
    .flatMap((bucket) => [
      bucketForm(
        bucket,
        [bucket.name],
        bucketView({ ...bucket, inputs: [], outputs: [] }, ""),
        authSecrets(bucket.auth),
      ),
      ...bucket.inputs.map((input) => inputForm(input, [bucket.name, input.name], inputView(input, ""))),
      ...bucket.outputs.map((output) => outputForm(output, [bucket.name, output.name], outputView(output))),
    ]);
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
