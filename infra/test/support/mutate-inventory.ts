import { kindOf } from "../../policy/core/kind-of.js";
import { plainProperties } from "../../policy/core/plain-properties.js";
import type { InventoryEntry } from "./inventory-resources.js";

/** Path of a property to its new value, undefined to take it away. Elements of lists are told by number. */
export type Changes = Readonly<Record<string, unknown>>;

/** One way to break an otherwise good program. What is broken is told by kind, so that it can be done to any program. */
export type Breakage =
  | { readonly kind: "change"; readonly of: string; readonly where?: Where; readonly set: Changes }
  | { readonly kind: "edit"; readonly of: string; readonly where?: Where; readonly edit: (inputs: Inputs) => void }
  | { readonly kind: "remove"; readonly of: string; readonly where?: Where }
  | { readonly kind: "add"; readonly of: string; readonly inputs: Changes }
  | { readonly kind: "option"; readonly of: string; readonly set: Partial<InventoryEntry> }
  | { readonly kind: "forget"; readonly of: string; readonly dependencyOn: readonly string[] }
  | { readonly kind: "copy"; readonly of: string; readonly set: Changes }
  | {
      readonly kind: "share";
      readonly of: string;
      readonly where?: Where;
      readonly path: string;
      readonly with: Shared;
    };

/** What another resource refers to, at the same path where none is told; `to` is the kind of what is referred to. */
interface Shared {
  readonly of: string;
  readonly where?: Where;
  readonly path?: string;
  readonly to: string;
}

/** Inputs of a resource that may be written to. */
export type Inputs = Record<string, unknown>;
/** Chooses among resources of a kind. */
export type Where = (inputs: Inputs) => boolean;

function kindOfEntry({ type, inputs }: InventoryEntry): string {
  return kindOf(type, plainProperties(inputs));
}

function matches(entry: InventoryEntry, { of, where }: { readonly of: string; readonly where?: Where }): boolean {
  return kindOfEntry(entry) === of && (where === undefined || where(entry.inputs as Inputs));
}

/** Sets a property at a path, and makes the objects on the way where they are missing. */
export function setAt(inputs: Inputs, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop();
  if (last === undefined) return;
  let at = inputs;
  for (const name of names) {
    at[name] ??= {};
    at = at[name] as Inputs;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

function withInputs(entry: InventoryEntry, write: (inputs: Inputs) => void): InventoryEntry {
  const inputs = structuredClone(entry.inputs) as Inputs;
  write(inputs);
  return { ...entry, inputs };
}

/** Has a resource wait not for some others, but for what these wait for themselves. */
function withoutDependency(entry: InventoryEntry, forgotten: readonly InventoryEntry[]): InventoryEntry {
  const instead = new Map(forgotten.map(({ urn, dependsOn }) => [urn, dependsOn]));
  const kept = (urn: string): readonly string[] => instead.get(urn)?.flatMap(kept) ?? [urn];
  const without = (urns: readonly string[]) => [...new Set(urns.flatMap(kept))];
  const properties = Object.entries(entry.propertyDependencies).map(([name, urns]) => [name, without(urns)]);
  return {
    ...entry,
    dependsOn: without(entry.dependsOn),
    propertyDependencies: Object.fromEntries(properties),
  };
}

function valueAt(inputs: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (at as Inputs | undefined)?.[name], inputs);
}

/** Has a resource refer to what another one refers to. */
function sharing(
  entry: InventoryEntry,
  inventory: readonly InventoryEntry[],
  { path, with: from }: Extract<Breakage, { kind: "share" }>,
): InventoryEntry {
  const other = inventory.find((each) => matches(each, from));
  if (other === undefined) throw new Error(`mutation: the inventory has no ${from.of} as it is looked for`);
  const [property = path] = path.split(".");
  const [otherPath, otherProperty] = [from.path ?? path, (from.path ?? path).split(".")[0] ?? path];
  const kept = (urns: readonly string[] = [], referred: boolean) =>
    urns.filter((urn) => inventory.some((each) => each.urn === urn && (kindOfEntry(each) === from.to) === referred));
  const sources = [
    ...kept(entry.propertyDependencies[property], false),
    ...kept(other.propertyDependencies[otherProperty], true),
  ];
  const copy = withInputs(entry, (inputs) => setAt(inputs, path, valueAt(other.inputs, otherPath)));
  return { ...copy, propertyDependencies: { ...copy.propertyDependencies, [property]: sources } };
}

/** Breaks an inventory in one way. Throws when it holds nothing that could be broken so. */
export function mutateInventory(inventory: readonly InventoryEntry[], breakage: Breakage): readonly InventoryEntry[] {
  if (breakage.kind === "add") {
    const { of: type, inputs } = breakage;
    const name = "added";
    const urn = `urn:pulumi:test::relay::${type}::${name}`;
    const none = { dependsOn: [], propertyDependencies: {}, protect: false, retainOnDelete: false };
    return [...inventory, { type, name, urn, inputs, ...none }];
  }
  const found = inventory.find((entry) => matches(entry, breakage));
  if (found === undefined) throw new Error(`mutation: the inventory has no ${breakage.of} as it is looked for`);
  if (breakage.kind === "remove") return inventory.filter((entry) => !matches(entry, breakage));
  const broken = brokenEntry(found, inventory, breakage);
  if (breakage.kind === "copy") return [...inventory, { ...broken, name: "copy", urn: `${found.urn}-copy` }];
  return inventory.map((entry) => (entry === found ? broken : entry));
}

function brokenEntry(
  entry: InventoryEntry,
  inventory: readonly InventoryEntry[],
  breakage: Exclude<Breakage, { kind: "add" | "remove" }>,
): InventoryEntry {
  switch (breakage.kind) {
    case "change":
    case "copy":
      return withInputs(entry, (inputs) => {
        for (const [path, value] of Object.entries(breakage.set)) setAt(inputs, path, value);
      });
    case "edit":
      return withInputs(entry, breakage.edit);
    case "option":
      return { ...entry, ...breakage.set };
    case "share":
      return sharing(entry, inventory, breakage);
    case "forget": {
      const forgotten = inventory.filter((each) => breakage.dependencyOn.includes(kindOfEntry(each)));
      return withoutDependency(entry, forgotten);
    }
  }
}
