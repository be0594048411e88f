import { kindOf } from "../../policy/core/kind-of.js";
import { plainProperties } from "../../policy/core/plain-properties.js";
import type { Resource } from "../../policy/core/resource.js";
import { UNKNOWN, UNKNOWN_ON_THE_WIRE } from "./inventory.js";

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

/** What rules see of each entry: many inventories differ in one entry only. */
const seen = new WeakMap<InventoryEntry, Resource>();

/** An inventory as the rules of the policy pack see it. */
export function inventoryResources(inventory: readonly InventoryEntry[]): readonly Resource[] {
  return inventory.map((entry) => {
    const resource = seen.get(entry) ?? toResource(entry);
    seen.set(entry, resource);
    return resource;
  });
}

function toResource({ type, name, urn, inputs, ...options }: InventoryEntry): Resource {
  const props = plainProperties(asTheEngineWrites(inputs) as InventoryEntry["inputs"]);
  const { protect, retainOnDelete, dependsOn, propertyDependencies } = options;
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
}

/** What an inventory calls unknown, as the rules get it from the engine. */
function asTheEngineWrites(value: unknown): unknown {
  if (value === UNKNOWN) return UNKNOWN_ON_THE_WIRE;
  if (Array.isArray(value)) return value.map(asTheEngineWrites);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, asTheEngineWrites(each)]));
}
