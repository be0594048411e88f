import type { Attributes, Resource } from "../model.js";
import { attributeChanges, createdAttributes } from "./attribute-changes.js";
import { manifestAttributes } from "./manifest-attributes.js";
import { type DeclaredObject, type ExistingObject, objectKey } from "./manifest-object.js";
import { manifestPath } from "./manifest-path.js";
import { objectAddress } from "./object-address.js";
import { objectPath } from "./object-path.js";
import type { ManifestProblem, PlannedChange } from "./plan.js";

export interface ReconcileInput {
  /** Parents before what belongs to them. */
  readonly resources: readonly Resource[];
  /** Who the declared objects are managed by, such as `manifest/payments`. */
  readonly owner: string;
  readonly declared: readonly DeclaredObject[];
  readonly existing: readonly ExistingObject[];
  /** Addresses of objects of others that may be taken over; `*` is every declared one. */
  readonly adopt: ReadonlySet<string>;
  /** Whether a given secret is another than the one of which `kept` is what is kept. */
  readonly secretDiffers: (kept: string, given: string) => boolean;
}

export interface Reconciliation {
  /** In an order that can be executed: deletions, what belongs to an object before it; then the rest, parents first. */
  readonly changes: readonly PlannedChange[];
  /** What is in the way. When there is any, the changes must not be executed. */
  readonly problems: readonly ManifestProblem[];
}

/**
 * What makes the objects that exist those that are declared. Only objects of `owner` are ever changed or deleted, and
 * those that `adopt` names.
 */
export function planChanges(input: ReconcileInput): Reconciliation {
  return new Reconciler(input).run();
}

class Reconciler {
  readonly #input: ReconcileInput;
  readonly #attributes: ReadonlyMap<string, Attributes>;
  readonly #rank: ReadonlyMap<string, number>;
  readonly #parent: ReadonlyMap<string, string | undefined>;
  readonly #existing: ReadonlyMap<string, ExistingObject>;
  readonly #changes: PlannedChange[] = [];
  readonly #deletions: PlannedChange[] = [];
  readonly #problems: ManifestProblem[] = [];
  /** Objects that end, be it for another in their place: what belongs to them ends too. */
  readonly #ending = new Set<string>();
  readonly #used = new Set<string>(["*"]);

  constructor(input: ReconcileInput) {
    this.#input = input;
    const { resources } = input;
    this.#attributes = new Map(resources.map((resource) => [resource.name, manifestAttributes(resource)]));
    this.#rank = new Map(resources.map(({ name }, rank) => [name, rank]));
    this.#parent = new Map(resources.map(({ name, parent }) => [name, parent]));
    this.#existing = new Map(input.existing.map((object) => [objectKey(object), object]));
  }

  run(): Reconciliation {
    const declared = new Set(this.#input.declared.map(objectKey));
    const gone = [...this.#input.existing].filter((object) => !declared.has(objectKey(object)));
    // Parents first, so that what belongs to them knows what becomes of them.
    gone.sort((a, b) => this.#order(a, b));
    for (const object of gone) if (this.#isOwn(object)) this.#ending.add(objectKey(object));
    const rest = [...this.#input.declared].sort((a, b) => this.#order(a, b));
    for (const object of rest) this.#plan(object);
    for (const object of gone) this.#remove(object);
    for (const address of this.#input.adopt) {
      if (this.#used.has(address)) continue;
      this.#problems.push({
        path: "adopt",
        message: `${JSON.stringify(address.slice(0, 500))} is no object that the manifest declares or would delete`,
        hint: "Write addresses as bucket/github or input/github/push.",
      });
    }
    return { changes: [...this.#deletions.reverse(), ...this.#changes], problems: this.#problems };
  }

  #plan(declared: DeclaredObject): void {
    const { resource, path, values } = declared;
    const attributes = this.#attributes.get(resource) ?? {};
    const address = objectAddress(declared);
    this.#used.add(address);
    const found = this.#existing.get(objectKey(declared));
    if (found === undefined) {
      this.#changes.push({ action: "create", resource, path, attributes: createdAttributes(attributes, values) });
      return;
    }
    const foreign = found.managedBy !== this.#input.owner;
    if (foreign && !this.#input.adopt.has("*") && !this.#input.adopt.has(address)) {
      this.#problems.push({
        path: manifestPath(objectPath(this.#input.resources, declared)),
        message: `exists already and is managed by ${managerName(found.managedBy)}`,
        hint: `Take it over by adopting ${address}, or take it out of this manifest.`,
      });
      return;
    }
    const changed = attributeChanges(attributes, found.values, values, (at, given) => {
      const kept = found.secrets[at];
      return kept === undefined || this.#input.secretDiffers(kept, given);
    });
    const common = {
      resource,
      path,
      id: found.id,
      attributes: changed,
      ...(foreign ? { managedBy: found.managedBy } : {}),
    };
    if (changed.some(({ replaces }) => replaces) || this.#parentEnds(declared)) {
      this.#ending.add(objectKey(declared));
      this.#changes.push({ action: "replace", ...common });
    } else if (foreign) this.#changes.push({ action: "adopt", ...common });
    else if (changed.length > 0) this.#changes.push({ action: "update", ...common });
  }

  /** What is not declared ends when it is the owner's own, and with the object it belongs to. */
  #remove(object: ExistingObject): void {
    const { resource, path, id, managedBy } = object;
    if (this.#isOwn(object)) {
      this.#deletions.push({ action: "delete", resource, path, id, attributes: [] });
      return;
    }
    if (!this.#parentEnds(object)) return;
    const address = objectAddress(object);
    this.#used.add(address);
    // Whatever `*` adopts it keeps: deleting what others manage takes its full name.
    if (this.#input.adopt.has(address)) {
      this.#ending.add(objectKey(object));
      this.#deletions.push({ action: "delete", resource, path, id, attributes: [], managedBy });
      return;
    }
    this.#problems.push({
      path: manifestPath(objectPath(this.#input.resources, object)),
      message: `is managed by ${managerName(managedBy)}, and would be deleted with the ${this.#parent.get(resource)} ${JSON.stringify(path.at(-2))}`,
      hint: `Delete it first, or agree to its deletion by adopting ${address}.`,
    });
  }

  #isOwn({ managedBy }: ExistingObject): boolean {
    return managedBy === this.#input.owner;
  }

  #parentEnds({ resource, path }: DeclaredObject | ExistingObject): boolean {
    const parent = this.#parent.get(resource);
    return parent !== undefined && this.#ending.has(objectKey({ resource: parent, path: path.slice(0, -1) }));
  }

  #order(a: DeclaredObject | ExistingObject, b: DeclaredObject | ExistingObject): number {
    const rank = (this.#rank.get(a.resource) ?? 0) - (this.#rank.get(b.resource) ?? 0);
    if (rank !== 0) return rank;
    const [keyA, keyB] = [objectKey(a), objectKey(b)];
    return keyA < keyB ? -1 : keyA > keyB ? 1 : 0;
  }
}

/** Who manages it, in words. */
function managerName(managedBy: string): string {
  if (managedBy === "") return "people";
  return managedBy.startsWith("manifest/") ? `the manifest ${managedBy.slice("manifest/".length)}` : managedBy;
}
