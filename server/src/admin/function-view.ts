import type { RelayFunction } from "../catalog/model.js";
import { variableNames } from "../executions/function-variables.js";

/**
 * A function as the API shows it, without the values of its variables. The classic fields `created`, `updated` and
 * `payload_size` are left out: some clients take them as numbers, others as texts, and all as absent. `description`,
 * `variable_names` and what ends in `_at` are ours.
 */
export function functionView(of: RelayFunction, payload = of.source): object {
  return {
    id: of.id,
    managed_by: of.managedBy,
    name: of.name,
    description: of.description,
    driver: of.driver,
    payload,
    metadata: {},
    variable_names: variableNames(of),
    created_at: of.createdAt,
    updated_at: of.updatedAt,
  };
}
