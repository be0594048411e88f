import {
  declaredValues,
  type ExistingObject,
  manifestAttributes,
  type Resource,
  type Values,
} from "@relay/provider-schema";

export type ExistingForm = (
  object: { readonly id: string; readonly managedBy: string },
  path: readonly string[],
  view: object,
  secrets?: Readonly<Record<string, string>>,
) => ExistingObject;

/** What the API shows holds every attribute by its name: an object follows from it by the definition alone. */
export function existingForm(resource: Resource): ExistingForm {
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
