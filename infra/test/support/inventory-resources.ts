import { kindOf } from "../../policy/core/kind-of.js";
import { plainProperties } from "../../policy/core/plain-properties.js";
import type { Resource } from "../../policy/core/resource.js";

/** A resource that a program registered, as the mocks of a test noted it. */
export interface InventoryEntry {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
}

/** An inventory as the rules of the policy pack see it. */
export function inventoryResources(inventory: readonly InventoryEntry[]): readonly Resource[] {
  return inventory.map(({ type, name, urn, inputs, dependsOn, propertyDependencies, protect, retainOnDelete }) => {
    const props = plainProperties(inputs);
    return {
      type,
      kind: kindOf(type, props),
      name,
      urn,
      props,
      protect,
      retainOnDelete,
      dependsOn,
      propertyDependencies,
    };
  });
}
