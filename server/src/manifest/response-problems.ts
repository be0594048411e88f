import { type ManifestProblem, manifestPath, objectKey, objectPath, SCHEMA } from "@relay/provider-schema";
import { isUuid } from "../ids.js";
import { ANY_OUTPUT } from "../responses/response-policy.js";
import type { ContentCheck } from "./content-check.js";

/** Inputs whose senders would wait for an output that their bucket does not have. */
export function responseProblems({ declared, existing, owner }: ContentCheck): ManifestProblem[] {
  const keys = new Set(declared.map(objectKey));
  const staying = existing.filter((object) => object.managedBy !== owner && !keys.has(objectKey(object)));
  const outputs = new Set(
    [...declared, ...staying].flatMap(({ resource, path }) => (resource === "output" ? [path.join("/")] : [])),
  );
  return declared.flatMap((object) => {
    const { response_from_output: output } = object.values;
    if (object.resource !== "input" || typeof output !== "string" || output === "" || output === ANY_OUTPUT) return [];
    const [bucket = ""] = object.path;
    if (isUuid(output) || outputs.has(`${bucket}/${output}`)) return [];
    return {
      path: manifestPath([...objectPath(SCHEMA.resources, object), "response_from_output"]),
      message: `names the output ${JSON.stringify(output)}, which bucket ${JSON.stringify(bucket)} does not have`,
      hint: `Name an output of the same bucket, or ${ANY_OUTPUT}.`,
    };
  });
}
