import { validateConfig } from "../../engine/validate-config.js";
import type {
  ValidateEphemeralResourceConfig_Request,
  ValidateEphemeralResourceConfig_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { configDiagnostics } from "../value/diagnostics.js";

/** What is wrong with the configuration of an ephemeral resource. */
export async function validateEphemeralResourceConfig(
  { typeName, config }: ValidateEphemeralResourceConfig_Request,
  context: ProviderContext,
): Promise<ValidateEphemeralResourceConfig_Response> {
  const { attributes } = context.ephemeralResource(typeName);
  const problems = validateConfig(attributes, decodeObject(attributes, config) ?? {});
  return { diagnostics: configDiagnostics(problems, attributes) };
}
