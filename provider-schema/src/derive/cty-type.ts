import type { Kind } from "../model.js";

/** A type as Terraform's protocol writes it in JSON. */
export type CtyType = string | readonly [string, CtyType] | readonly ["object", { readonly [name: string]: CtyType }];

/** The type of a kind's values. */
export function ctyType(kind: Kind): CtyType {
  switch (kind.type) {
    case "string":
      return "string";
    case "integer":
      return "number";
    case "boolean":
      return "bool";
    case "list":
    case "set":
    case "map":
      return [kind.type, ctyType(kind.of)];
    case "object":
      return [
        "object",
        Object.fromEntries(Object.entries(kind.attributes).map(([name, attribute]) => [name, ctyType(attribute.kind)])),
      ];
    case "json":
      return "dynamic";
  }
}
