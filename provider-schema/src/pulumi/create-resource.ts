import { PartlyDoneError } from "../client/partly-done-error.js";
import type { RelayApi } from "../client/relay-api.js";
import { RelayApiError } from "../client/relay-api-error.js";
import { RelayObjects } from "../client/relay-objects.js";
import type { TakenNames } from "../client/taken-names.js";
import { planResource } from "../engine/plan-resource.js";
import type { Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import { attributeValues } from "./attribute-values.js";
import type { EngineLog } from "./engine-log.js";
import { InitFailedError } from "./init-failed-error.js";
import { encodeState } from "./resource-properties.js";
import { timed } from "./timed.js";
import { typeOfUrn } from "./type-of-urn.js";
import { decodeProperties } from "./wire/decode-properties.js";
import type { CreateRequest, CreateResponse } from "./wire/generated/pulumi_provider.js";

/** Makes an object; in a preview, tells what is known of it, and warns of a name that is taken. Throws InitFailedError when it was made but not all of it. */
export async function createResource(
  resource: Resource,
  request: CreateRequest,
  api: () => RelayApi,
  { takenNames, log }: { takenNames: () => TakenNames; log: EngineLog },
): Promise<CreateResponse> {
  const { values, secrets } = decodeProperties(request.properties);
  const config = attributeValues(resource.attributes, values).values;
  const { planned } = planResource(resource, { prior: null, config });
  const type = typeOfUrn(request.urn);
  if (request.preview) {
    // No error: the one that has it may be removed before.
    if (await takenNames().has(resource, planned)) {
      await log.warn(request.urn, `a ${resource.name} of this name exists. ${importHint(resource, config, type)}`);
    }
    return { id: "", properties: encodeState(resource, planned, secrets) };
  }
  try {
    const state = await new RelayObjects(timed(api(), request.timeout)).create(resource, planned);
    return { id: String(state.id), properties: encodeState(resource, state, secrets) };
  } catch (error) {
    if (error instanceof PartlyDoneError) {
      throw new InitFailedError(error, {
        id: String(error.state.id),
        properties: encodeState(resource, error.state, secrets),
        inputs: request.properties,
      });
    }
    if (error instanceof RelayApiError && error.status === 412) {
      // Somebody else's object has the name, or one that an update made and could not tell of.
      throw new RelayApiError(error.status, `${error.message} ${importHint(resource, config, type)}`, { cause: error });
    }
    throw error;
  }
}

function importHint({ parent }: Resource, config: Values, type: string): string {
  const parts = [...(parent === undefined ? [] : [config[parent]]), config.name];
  const id = parts.map((part) => encodeURIComponent(String(part))).join("/");
  return `If this stack is to manage the one there is, import it: pulumi import ${type} NAME ${id}`;
}
