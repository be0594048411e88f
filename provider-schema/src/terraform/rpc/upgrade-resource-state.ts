import { isValues } from "../../engine/value.js";
import type { UpgradeResourceState_Request, UpgradeResourceState_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { DecodeError, decodeJson } from "../value/decode.js";
import { encodeObject } from "../value/encode.js";
import { withDefaults } from "../value/with-defaults.js";

/**
 * A state from the state file, which may have been written by another version: what is not known here is left out, what it
 * lacks takes its default.
 */
export async function upgradeResourceState(
  { typeName, rawState }: UpgradeResourceState_Request,
  context: ProviderContext,
): Promise<UpgradeResourceState_Response> {
  const { attributes } = context.resource(typeName);
  if (rawState === undefined || rawState.json.length === 0) {
    throw new DecodeError(`the state of ${typeName} has a form from before Terraform 0.12`);
  }
  const state = decodeJson({ type: "object", attributes }, rawState.json);
  const completed = isValues(state) ? withDefaults(attributes, state) : null;
  return { upgradedState: encodeObject(attributes, completed), diagnostics: [] };
}
