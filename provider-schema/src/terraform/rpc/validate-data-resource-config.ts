import { validateConfig } from "../../engine/validate-config.js";
import type {
  ValidateDataResourceConfig_Request,
  ValidateDataResourceConfig_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { configDiagnostics } from "../value/diagnostics.js";

/** What is wrong with the configuration of a data source. */
export async function validateDataResourceConfig(
  { typeName, config }: ValidateDataResourceConfig_Request,
  context: ProviderContext,
): Promise<ValidateDataResourceConfig_Response> {
  const { attributes } = context.dataSource(typeName);
  const problems = validateConfig(attributes, decodeObject(attributes, config) ?? {});
  return { diagnostics: configDiagnostics(problems, attributes) };
}
