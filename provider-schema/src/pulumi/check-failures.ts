import type { Problem } from "../engine/problem.js";
import type { Attributes } from "../model.js";
import { propertyPath } from "./property-values.js";
import type { CheckFailure } from "./wire/generated/pulumi_provider.js";
import { formatPropertyPath } from "./wire/property-path.js";

/** Problems as the engine shows them, each at its property. */
export function checkFailures(attributes: Attributes, problems: readonly Problem[]): CheckFailure[] {
  return problems.map(({ path, message, hint }) => ({
    property: formatPropertyPath(propertyPath(attributes, path)),
    reason: hint === undefined ? message : `${message}; ${hint}`,
  }));
}
