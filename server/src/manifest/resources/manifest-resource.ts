import type { ExistingObject, PlannedChange, Resource } from "@relay/provider-schema";
import type pg from "pg";
import type { Catalog } from "../../catalog/catalog.js";
import type { PlanWork } from "./plan-work.js";

/**
 * What the server does with the objects of one resource in a manifest. All of it is here: a resource that is added is one
 * of these, and one more entry in `MANIFEST_RESOURCES`.
 */
export interface ManifestResource {
  readonly resource: Resource;
  /** Everything in the catalog that a manifest could declare. */
  existing(catalog: Catalog): ExistingObject[];
  /** Removes the objects of these ids; what is there no more is no failure. */
  remove(client: pg.PoolClient, ids: readonly string[]): Promise<unknown>;
  /** Makes the objects of these changes. */
  make(client: pg.PoolClient, changes: readonly PlannedChange[], work: PlanWork): Promise<void>;
  /** Brings the objects of these changes to what is declared. Returns how many there were. */
  change(client: pg.PoolClient, changes: readonly PlannedChange[], work: PlanWork): Promise<number>;
}
