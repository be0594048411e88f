import { writeOnlyName } from "../../derive/terraform-attributes.js";
import type { Problem } from "../../engine/problem.js";
import { validateConfig } from "../../engine/validate-config.js";
import type { Values } from "../../engine/value.js";
import type { Attributes } from "../../model.js";
import type {
  Diagnostic,
  ValidateResourceConfig_Request,
  ValidateResourceConfig_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { attributeDiagnostic, configDiagnostics } from "../value/diagnostics.js";
import { givenSecrets, valueAt } from "../value/write-only.js";

/** What is wrong with the configuration of a resource, all of it. */
export async function validateResourceConfig(
  { typeName, config, clientCapabilities }: ValidateResourceConfig_Request,
  context: ProviderContext,
): Promise<ValidateResourceConfig_Response> {
  const { attributes } = context.resource(typeName);
  const values = decodeObject(attributes, config) ?? {};
  return {
    diagnostics: [
      ...configDiagnostics(validateConfig(attributes, values), attributes),
      ...secretDiagnostics(attributes, values, clientCapabilities?.writeOnlyAttributesAllowed ?? false),
    ],
  };
}

/** A secret comes one way or the other, and write-only where the client can. */
function secretDiagnostics(attributes: Attributes, config: Values, writeOnlyAllowed: boolean): Diagnostic[] {
  return givenSecrets(attributes).flatMap(({ at, name }) => {
    const path = [...at, name];
    const hidden = [...at, writeOnlyName(name)];
    const stored = valueAt(config, path) !== null;
    if (valueAt(config, hidden) === null) {
      if (!stored || !writeOnlyAllowed) return [];
      return [
        attributeDiagnostic(
          "warning",
          "The secret will be in the state",
          { path, message: `is kept in plan and state in the clear; ${hidden.join(".")} is not` },
          attributes,
        ),
      ];
    }
    const wrong = (problem: Problem) => attributeDiagnostic("error", "Wrong configuration", problem, attributes);
    if (!writeOnlyAllowed) {
      const message = `is write-only, which takes Terraform 1.11 or OpenTofu 1.11 or later: this one would keep it in the state. Use ${path.join(".")}, or a newer version`;
      return [wrong({ path: hidden, message })];
    }
    return stored ? [wrong({ path: hidden, message: `excludes ${path.join(".")}: set one of them` })] : [];
  });
}
