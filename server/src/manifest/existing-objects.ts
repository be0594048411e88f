import type { ExistingObject } from "@relay/provider-schema";
import type { Catalog } from "../catalog/catalog.js";
import { MANIFEST_RESOURCES } from "./resources/manifest-resources.js";

/** Everything in the catalog that a manifest could declare. */
export function existingObjects(catalog: Catalog): ExistingObject[] {
  return MANIFEST_RESOURCES.flatMap((each) => each.existing(catalog));
}
