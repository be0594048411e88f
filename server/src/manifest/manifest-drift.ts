import {
  type DeclaredObject,
  declaredObjects,
  type ExistingObject,
  hideSecrets,
  type ManifestPlan,
  planChanges,
  SCHEMA,
  summarizeChanges,
  type Values,
} from "@relay/provider-schema";
import type { Catalog } from "../catalog/catalog.js";
import { type ManifestRow, selectManifestContent, selectManifests } from "../store/manifests.js";
import type { Queryable } from "../store/queryable.js";
import { existingObjects } from "./existing-objects.js";
import { fingerprint } from "./fingerprint.js";
import { manifestOwner } from "./manifest-request.js";

export interface ManifestDriftOptions {
  readonly catalog: Catalog;
  readonly pool: Queryable;
  readonly fingerprintKey: Buffer;
}

/** How far what exists has moved from what was applied. Secrets are not compared: none is kept to compare with. */
export class ManifestDrift {
  readonly #options: ManifestDriftOptions;
  readonly #declared = new Map<string, { readonly version: number; readonly objects: readonly DeclaredObject[] }>();
  #counted: { readonly state: string; readonly counts: ReadonlyMap<string, number> } | undefined;
  #counting: Promise<ReadonlyMap<string, number>> | undefined;

  constructor(options: ManifestDriftOptions) {
    this.#options = options;
  }

  /** What the last applied content would change now; undefined when the manifest was never applied. */
  async plan(name: string): Promise<ManifestPlan | undefined> {
    const { catalog, pool, fingerprintKey } = this.#options;
    const content = await selectManifestContent(pool, name);
    if (content === undefined) return undefined;
    const declared = declaredObjects(SCHEMA.resources, content as Values);
    const existing = existingObjects(catalog);
    const changes = drift(name, declared, existing);
    return {
      manifest: name,
      changes,
      summary: summarizeChanges(changes),
      fingerprint: fingerprint({ key: fingerprintKey, manifest: name, changes, declared, existing }),
    };
  }

  /** Number of changes by manifest. Costs one small statement unless the catalog or a manifest has changed. */
  counts(): Promise<ReadonlyMap<string, number>> {
    this.#counting ??= this.#count().finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  async #count(): Promise<ReadonlyMap<string, number>> {
    const { catalog, pool } = this.#options;
    const rows = await selectManifests(pool);
    const state = JSON.stringify([
      catalog.version,
      rows.map(({ name, version, appliedAt }) => [name, version, appliedAt]),
    ]);
    if (this.#counted?.state === state) return this.#counted.counts;
    const names = new Set(rows.map(({ name }) => name));
    for (const name of this.#declared.keys()) if (!names.has(name)) this.#declared.delete(name);
    const counts = new Map<string, number>();
    if (rows.length > 0) {
      const declared = new Map<string, readonly DeclaredObject[]>();
      for (const row of rows) declared.set(row.name, await this.#objects(row));
      const existing = existingObjects(catalog);
      for (const [name, objects] of declared) counts.set(name, drift(name, objects, existing).length);
    }
    this.#counted = { state, counts };
    return counts;
  }

  async #objects({ name, version }: ManifestRow): Promise<readonly DeclaredObject[]> {
    const known = this.#declared.get(name);
    if (known?.version === version) return known.objects;
    const content = (await selectManifestContent(this.#options.pool, name)) ?? {};
    const objects = declaredObjects(SCHEMA.resources, content as Values);
    this.#declared.set(name, { version, objects });
    return objects;
  }
}

/** As if the manifest took back what others have taken over meanwhile. */
function drift(name: string, declared: readonly DeclaredObject[], existing: readonly ExistingObject[]) {
  return planChanges({
    resources: SCHEMA.resources,
    owner: manifestOwner(name),
    declared,
    existing: existing.map(withoutHidden),
    adopt: new Set(["*"]),
    secretDiffers: () => false,
  }).changes;
}

/** Secrets inside JSON are hidden in what is kept, so they are hidden in what it is compared with. */
function withoutHidden(object: ExistingObject): ExistingObject {
  const attributes = SCHEMA.resources.find(({ name }) => name === object.resource)?.attributes ?? {};
  const values = Object.entries(object.values).map(([name, value]) => {
    const attribute = attributes[name];
    return [name, attribute === undefined ? value : hideSecrets(attribute.kind, value)] as const;
  });
  return { ...object, values: Object.fromEntries(values) };
}
