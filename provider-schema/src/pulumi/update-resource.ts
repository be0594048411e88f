import { changeObject } from "../client/change-object.js";
import { PartlyDoneError } from "../client/partly-done-error.js";
import type { RelayApi } from "../client/relay-api.js";
import { RelayObjects } from "../client/relay-objects.js";
import type { Resource } from "../model.js";
import { InitFailedError } from "./init-failed-error.js";
import { planOfRequest } from "./plan-of-request.js";
import { encodeInputs, encodeState } from "./resource-properties.js";
import { timed } from "./timed.js";
import type { UpdateRequest, UpdateResponse } from "./wire/generated/pulumi_provider.js";

/** Changes an object in place; in a preview, tells what is known of it afterwards. Throws InitFailedError for half a change. */
export async function updateResource(
  resource: Resource,
  request: UpdateRequest,
  api: () => RelayApi,
): Promise<UpdateResponse> {
  const { prior, plan, secrets, autonamed } = await planOfRequest(resource, request, api);
  const { planned, changed } = plan;
  if (request.preview) return { properties: encodeState(resource, planned, secrets) };
  const paths = new Set(changed.map((path) => path.join(".")));
  try {
    const state = await changeObject(new RelayObjects(timed(api(), request.timeout)), resource, {
      prior,
      planned,
      secrets: (path) => [...paths].some((each) => path === each || path.startsWith(`${each}.`)),
    });
    return { properties: encodeState(resource, state, secrets) };
  } catch (error) {
    if (!(error instanceof PartlyDoneError)) throw error;
    throw new InitFailedError(error, {
      id: request.id,
      properties: encodeState(resource, error.state, secrets),
      inputs: encodeInputs(resource, error.state, { secrets, autonamed }),
    });
  }
}
