import type { Level } from "../../config/level.js";
import { type Inventory, type InventoryOptions, inventoryOf, type Resource } from "./inventory.js";
import { sampleConfig } from "./sample-config.js";

/** What the program registered, to be asked about. Kinds are written "sql.DatabaseInstance" and "core/v1.Service". */
export class Program {
  readonly resources: readonly Resource[];
  readonly outputs: Inventory["outputs"];
  readonly #byUrn: ReadonlyMap<string, Resource>;

  constructor({ resources, outputs }: Inventory) {
    this.resources = resources;
    this.outputs = outputs;
    this.#byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  /** Every resource of a kind; of all kinds of a package with "gcp" or "kubernetes". */
  all(kind: string): Resource[] {
    return this.resources.filter(({ type }) => kindOf(type) === kind || type.startsWith(`${kind}:`));
  }

  /** The one resource of a kind, or the one with that name. */
  one(kind: string, name?: string): Resource {
    const found = this.all(kind).filter((resource) => name === undefined || resource.name === name);
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(
        `There are ${found.length} of ${kind} ${name ?? ""}: ${this.all(kind).map(({ name: each }) => each)}`,
      );
    }
    return only;
  }

  /** Whether a resource is made only after the other: because it says so, or because of what it takes from others. */
  waitsFor(resource: Resource, other: Resource): boolean {
    const seen = new Set<string>();
    const next = [...resource.dependsOn];
    for (let urn = next.pop(); urn !== undefined; urn = next.pop()) {
      if (urn === other.urn) return true;
      if (seen.has(urn)) continue;
      seen.add(urn);
      next.push(...(this.#byUrn.get(urn)?.dependsOn ?? []));
    }
    return false;
  }
}

/** "sql.DatabaseInstance" for "gcp:sql/databaseInstance:DatabaseInstance", "core/v1.Service" for "kubernetes:core/v1:Service". */
export function kindOf(type: string): string {
  const [, module = "", kind = ""] = type.split(":");
  const google = type.startsWith("gcp:") || type.startsWith("random:") || type.startsWith("tls:");
  return `${google ? module.split("/")[0] : module}.${kind}`;
}

const known = new Map<string, Promise<Program>>();

/** The program of a level with everything deployed, with some settings changed. Run once, however many ask. */
export function programOf(
  level: Level,
  settings: Readonly<Record<string, string | undefined>> = {},
  options: InventoryOptions = {},
): Promise<Program> {
  const key = JSON.stringify([level, Object.entries(settings).map(([name, value]) => [name, value ?? null]), options]);
  const program = known.get(key) ?? after([...known.values()].at(-1), level, settings, options);
  known.set(key, program);
  return program;
}

/** Mocks are the whole process's: one run at a time. */
async function after(
  last: Promise<Program> | undefined,
  ...[level, settings, options]: Required<Parameters<typeof programOf>>
): Promise<Program> {
  await last?.catch(() => undefined);
  return new Program(await inventoryOf(sampleConfig(level, settings), options));
}
