import type { ReadResource_Request, ReadResource_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { encodeObject } from "../value/encode.js";

/** An object as it is now; no state when it is gone. */
export async function readResource(
  { typeName, currentState, private: kept }: ReadResource_Request,
  context: ProviderContext,
): Promise<ReadResource_Response> {
  const resource = context.resource(typeName);
  const prior = decodeObject(resource.attributes, currentState);
  const state = prior === null ? null : await context.connection.objects.read(resource, prior);
  return { newState: encodeObject(resource.attributes, state), diagnostics: [], private: kept };
}
