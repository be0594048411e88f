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
  | { readonly kind: "forget"; readonly of: string; readonly dependencyOn: string }
  | { readonly kind: "share"; readonly of: string; readonly property: string; readonly with: Property };

/** A property of the first resource of a kind. */
interface Property {
  readonly of: string;
  readonly property: string;
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

function withoutDependency(entry: InventoryEntry, urns: ReadonlySet<string>): InventoryEntry {
  return { ...entry, dependsOn: entry.dependsOn.filter((urn) => !urns.has(urn)) };
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
  const forgotten = new Set(
    breakage.kind === "forget"
      ? inventory.filter((entry) => kindOfEntry(entry) === breakage.dependencyOn).map(({ urn }) => urn)
      : [],
  );
  const shared = breakage.kind === "share" ? breakage : undefined;
  const other = inventory.find((entry) => kindOfEntry(entry) === shared?.with.of);
  const broken = {
    share: () => {
      const { property = "", with: from } = shared ?? {};
      const value = other?.inputs[from?.property ?? ""];
      const sources = other?.propertyDependencies[from?.property ?? ""] ?? [];
      const copy = withInputs(found, (inputs) => setAt(inputs, property, value));
      return { ...copy, propertyDependencies: { ...copy.propertyDependencies, [property]: sources } };
    },
    change: () =>
      withInputs(found, (inputs) => {
        for (const [path, value] of Object.entries("set" in breakage ? breakage.set : {})) setAt(inputs, path, value);
      }),
    edit: () => withInputs(found, "edit" in breakage ? breakage.edit : () => {}),
    option: () => ({ ...found, ...("set" in breakage ? breakage.set : {}) }),
    forget: () => withoutDependency(found, forgotten),
  }[breakage.kind]();
  return inventory.map((entry) => (entry === found ? broken : entry));
}
