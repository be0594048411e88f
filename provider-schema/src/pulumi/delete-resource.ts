import type { RelayApi } from "../client/relay-api.js";
import { RelayObjects } from "../client/relay-objects.js";
import type { Resource } from "../model.js";
import { priorState } from "./resource-properties.js";
import { timed } from "./timed.js";
import { decodeProperties } from "./wire/decode-properties.js";
import type { DeleteRequest } from "./wire/generated/pulumi_provider.js";

/** Removes an object; one that is gone already is no error. */
export async function deleteResource(resource: Resource, request: DeleteRequest, api: () => RelayApi): Promise<void> {
  const state = priorState(resource, decodeProperties(request.properties).values, {});
  await new RelayObjects(timed(api(), request.timeout)).delete(resource, { ...state, id: request.id });
}
