import { validateConfig } from "../../engine/validate-config.js";
import type {
  ValidateProviderConfig_Request,
  ValidateProviderConfig_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { configDiagnostics } from "../value/diagnostics.js";
import { providerArguments } from "./provider-arguments.js";

/** What is wrong with the provider's arguments. What is absent may come from the environment: that is not looked at yet. */
export async function validateProviderConfig(
  { config }: ValidateProviderConfig_Request,
  { schema }: ProviderContext,
): Promise<ValidateProviderConfig_Response> {
  const attributes = providerArguments(schema);
  const problems = validateConfig(attributes, decodeObject(attributes, config) ?? {});
  return { diagnostics: configDiagnostics(problems, attributes) };
}
