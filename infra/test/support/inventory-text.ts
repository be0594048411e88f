import { stringify } from "yaml";
import type { Resource } from "./inventory.js";
import { kindOf, type Program } from "./program.js";

/** What a reviewer reads: every resource by kind and name, its inputs, what it waits for, and how it is guarded. */
export function inventoryText(program: Program): string {
  return write(entries(program));
}

/** What is different from another program: resources that are not there, and those that are new or changed. */
export function differenceText(program: Program, from: Program): string {
  const before = entries(from);
  const after = entries(program);
  const changed = Object.entries(after).filter(([key, value]) => write({ value }) !== write({ value: before[key] }));
  return write({
    absent: Object.keys(before)
      .filter((key) => !(key in after))
      .sort(),
    "new or changed": Object.fromEntries(changed),
  });
}

function write(value: object): string {
  return stringify(value, { sortMapEntries: true, lineWidth: 120 });
}

function entries(program: Program): Record<string, object> {
  const names = new Map(program.resources.map((resource) => [resource.urn, shortName(resource)]));
  return Object.fromEntries(program.resources.map((resource) => [shortName(resource), entry(resource, names)]));
}

/** Two accounts of Kubernetes have the same name in different components: their own names tell them apart. */
function shortName({ type, name, inputs }: Resource): string {
  const { name: own } = (inputs.metadata ?? {}) as { name?: string };
  return `${kindOf(type)} ${type.startsWith("kubernetes:core/v1:ServiceAccount") ? own : name}`;
}

function entry(resource: Resource, names: ReadonlyMap<string, string>): object {
  const { inputs, protect, retainOnDelete, ignoreChanges, dependsOn } = resource;
  const needed = dependsOn.map((urn) => names.get(urn) ?? urn).sort();
  const services = [...names.values()].filter((name) => name.startsWith("projects.Service "));
  // Nearly everything waits for all APIs: said in one word.
  const all = services.every((name) => needed.includes(name));
  const rest = all ? ["every projects.Service", ...needed.filter((name) => !services.includes(name))] : needed;
  return {
    ...(Object.keys(inputs).length === 0 ? {} : { inputs: readable(inputs) }),
    ...(rest.length === 0 ? {} : { waitsFor: rest }),
    ...(protect ? { protect } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    ...(ignoreChanges.length === 0 ? {} : { ignoreChanges }),
  };
}

/** Texts that are JSON, opened. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, readable(each)]));
  }
  if (typeof value !== "string" || !/^[[{]["{]/.test(value)) return value;
  return { json: readable(JSON.parse(value)) };
}
