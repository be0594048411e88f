import { isValues, type Value, type Values } from "../../engine/value.js";
import type { Attributes, Kind } from "../../model.js";
import type { MoveResourceState_Request, MoveResourceState_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { DecodeError, decodeJson } from "../value/decode.js";
import { diagnostic } from "../value/diagnostics.js";
import { encodeObject } from "../value/encode.js";
import { withDefaults } from "../value/with-defaults.js";

/**
 * Takes over an object that another provider of the same API has in the state, such as `webhookrelay_bucket`: its id, and
 * whatever else has the same name and form. Terraform reads it next.
 */
export async function moveResourceState(
  request: MoveResourceState_Request,
  context: ProviderContext,
): Promise<MoveResourceState_Response> {
  const resource = context.resource(request.targetTypeName);
  const refused = (detail: string) => ({
    targetState: undefined,
    targetPrivate: Buffer.alloc(0),
    diagnostics: [diagnostic("error", "The state cannot be moved", detail)],
  });
  if (!request.sourceTypeName.endsWith(`_${resource.name}`)) {
    return refused(`A ${request.sourceTypeName} is no ${request.targetTypeName}`);
  }
  const raw = request.sourceState?.json ?? Buffer.alloc(0);
  const state = compatible(resource.attributes, raw);
  if (typeof state.id !== "string") return refused(`The state of the ${request.sourceTypeName} has no id`);
  const { parent } = resource;
  // The community's provider refers to the parent by its id alone.
  const adopted: Values =
    parent === undefined ? state : { ...state, [parent]: state[parent] ?? state[`${parent}_id`] ?? null };
  return {
    targetState: encodeObject(resource.attributes, withDefaults(resource.attributes, adopted)),
    targetPrivate: Buffer.alloc(0),
    diagnostics: [],
  };
}

/** What a foreign state has of these attributes, one by one: another form of one is no reason to lose the others. */
function compatible(attributes: Attributes, raw: Uint8Array): Values {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { kind }]): [string, Value] => [name, one(name, kind, raw)]),
  );
}

function one(name: string, kind: Kind, raw: Uint8Array): Value {
  const attributes: Attributes = { [name]: { kind, presence: "optional", doc: "" } };
  try {
    const value = decodeJson({ type: "object", attributes }, raw);
    return isValues(value) ? (value[name] ?? null) : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}
