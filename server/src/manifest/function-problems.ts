import {
  type ManifestProblem,
  manifestPath,
  objectAddress,
  objectKey,
  objectPath,
  SCHEMA,
} from "@relay/provider-schema";
import { FUNCTION_REFERENCES } from "../attributes/function-references.js";
import type { ContentCheck } from "./content-check.js";

/** What would name a function that is not there: declared objects, and those of others whose function the plan takes away. */
export function functionProblems({ declared, existing, owner }: ContentCheck): ManifestProblem[] {
  const keys = new Set(declared.map(objectKey));
  // What is not declared stays, unless it is the owner's own.
  const staying = existing.filter((object) => object.managedBy !== owner && !keys.has(objectKey(object)));
  const names = new Set(
    [...declared, ...staying].flatMap(({ resource, path: [name] }) =>
      resource === "function" && name !== undefined ? [name] : [],
    ),
  );
  const unknown = ({ values }: { readonly values: Readonly<Record<string, unknown>> }) =>
    FUNCTION_REFERENCES.flatMap((attribute) => {
      const name = values[attribute];
      return typeof name === "string" && name !== "" && !names.has(name) ? [{ attribute, name }] : [];
    });
  const wrong = declared.flatMap((object) =>
    unknown(object).map(({ attribute, name }) => ({
      path: manifestPath([...objectPath(SCHEMA.resources, object), attribute]),
      message: `names the function ${JSON.stringify(name)}, which is not there and not declared`,
      hint: "Declare it under functions, or make it first; a manifest names it by its name.",
    })),
  );
  const broken = staying.flatMap((object) =>
    unknown(object).map(({ name }) => ({
      path: manifestPath(["functions", name]),
      message: `would be deleted, and ${objectAddress(object)} uses it`,
      hint: "Declare it, or take it out there first.",
    })),
  );
  return [...wrong, ...broken];
}
