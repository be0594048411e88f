import { parseObjectReference } from "../../client/object-reference.js";
import type { Values } from "../../engine/value.js";
import type { Resource } from "../../model.js";
import type {
  Diagnostic,
  ImportResourceState_Request,
  ImportResourceState_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { diagnostic } from "../value/diagnostics.js";
import { encodeObject } from "../value/encode.js";

/** Finds an object by its id, or by its name behind that of its parent. */
export async function importResourceState(
  { typeName, id }: ImportResourceState_Request,
  context: ProviderContext,
): Promise<ImportResourceState_Response> {
  const resource = context.resource(typeName);
  const failed = (detail: string) => ({
    importedResources: [],
    diagnostics: [diagnostic("error", "The import found nothing", detail)],
  });
  const form = `Write its id, or ${resource.parent === undefined ? "its name" : `"${resource.parent}/name"`}, for example "${resource.importExample}"`;
  const reference = parseObjectReference(id, resource.parent !== undefined);
  if (typeof reference === "string") return failed(`The import id ${reference}. ${form}`);
  const state = await context.connection.objects.find(resource, reference);
  if (state === null) return failed(`The server has no ${resource.name} "${id}". ${form}`);
  return {
    importedResources: [{ typeName, state: encodeObject(resource.attributes, state), private: Buffer.alloc(0) }],
    diagnostics: missingSecrets(resource, state),
  };
}

function missingSecrets({ name, attributes }: Resource, state: Values): Diagnostic[] {
  return Object.entries(attributes)
    .filter(([attribute, { secret }]) => secret === "shown-once" && (state[attribute] ?? null) === null)
    .map(([attribute]) =>
      diagnostic(
        "warning",
        `The ${name}'s ${attribute} is not known`,
        `The server tells a ${attribute} once, to who makes it: the imported ${name} has none in its state. A change of rotation_keepers gives it a new one`,
      ),
    );
}
