import type { ProviderSchema, Resource } from "../model.js";
import { apiBodySchema, type JsonSchema } from "./json-schema.js";
import { pascalCase } from "./names.js";

/** Parts of an OpenAPI 3.1 description: the bodies of the management API. */
export function openApiParts(schema: ProviderSchema): JsonSchema {
  return {
    components: {
      schemas: Object.fromEntries(
        schema.resources.map((resource: Resource) => [
          `${pascalCase(resource.name)}Body`,
          { description: resource.doc, ...plain(apiBodySchema(resource)) },
        ]),
      ),
    },
  };
}

/** Without the keywords of our own validator. */
function plain(value: JsonSchema): JsonSchema {
  const known = Object.entries(value).filter(
    ([key, each]) => !((key === "check" || key === "hint") && typeof each === "string"),
  );
  return Object.fromEntries(
    known.map(([key, each]) => [
      key,
      typeof each === "object" && each !== null && !Array.isArray(each) ? plain(each as JsonSchema) : each,
    ]),
  );
}
