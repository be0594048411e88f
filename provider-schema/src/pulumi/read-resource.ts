import { parseObjectReference } from "../client/object-reference.js";
import type { RelayApi } from "../client/relay-api.js";
import { RelayApiError } from "../client/relay-api-error.js";
import { RelayObjects } from "../client/relay-objects.js";
import { sameValue } from "../engine/same-value.js";
import type { Value, Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import { AUTONAMED, encodeInputs, encodeState, priorState } from "./resource-properties.js";
import { timed } from "./timed.js";
import { decodeProperties } from "./wire/decode-properties.js";
import type { ReadRequest, ReadResponse } from "./wire/generated/pulumi_provider.js";

/** An object as it is now: one that the engine knows, or one to import, by id or by name. No id: there is none. */
export async function readResource(
  resource: Resource,
  request: ReadRequest,
  api: () => RelayApi,
): Promise<ReadResponse> {
  const objects = new RelayObjects(timed(api(), request.timeout));
  const properties = decodeProperties(request.properties);
  if (Object.keys(properties.values).length === 0) return importObject(resource, request.id, objects);
  const inputs = decodeProperties(request.inputs);
  const prior = { ...priorState(resource, properties.values, inputs.values), id: request.id };
  const state = await objects.read(resource, prior);
  if (state === null) return GONE;
  return {
    id: request.id,
    properties: encodeState(resource, state, [...properties.secrets, ...inputs.secrets]),
    inputs: encodeInputs(resource, state, { secrets: inputs.secrets, autonamed: inputs.values[AUTONAMED] === true }),
  };
}

const GONE: ReadResponse = { id: "", properties: undefined, inputs: undefined };

async function importObject(resource: Resource, id: string, objects: RelayObjects): Promise<ReadResponse> {
  const { parent } = resource;
  const reference = parseObjectReference(id, parent !== undefined);
  if (typeof reference === "string") {
    throw new RelayApiError(0, `the import id ${reference}; for example ${resource.importExample}`);
  }
  const found = await objects.find(resource, reference);
  if (found === null) return GONE;
  // The parent may have been named: its id stays what it is when it is renamed.
  const state: Values = parent === undefined ? found : { ...found, [parent]: found[`${parent}_id`] ?? null };
  return {
    id: String(state.id),
    properties: encodeState(resource, state, []),
    inputs: encodeInputs(resource, withoutDefaults(resource, state), { secrets: [], autonamed: false }),
  };
}

/** What a person would write: programs are made of it. */
function withoutDefaults({ attributes }: Resource, state: Values): Values {
  return Object.fromEntries(
    Object.entries(state).filter(([name, value]) => {
      const attribute = attributes[name];
      const { presence, kind } = attribute ?? {};
      return !(kind !== undefined && typeof presence === "object" && sameValue(kind, presence.default as Value, value));
    }),
  );
}
