import type { DeclaredObject, PlannedChange } from "@relay/provider-schema";
import type pg from "pg";
import type { Catalog } from "../catalog/catalog.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import type { SecretHash } from "./given-secrets.js";

/** What is to be carried out, and with what. */
export interface Execution {
  readonly catalog: Catalog;
  readonly settingSealer: SettingSealer;
  /** Who the objects are managed by from now on. */
  readonly owner: string;
  readonly changes: readonly PlannedChange[];
  readonly declared: readonly DeclaredObject[];
  /** Of secrets that the plan gives. */
  readonly secretHash: SecretHash;
  /** Of the secrets that the server makes for new tokens, by the token's name. */
  readonly madeSecretHash: (token: string) => string | undefined;
  readonly createBucketKeys: (client: pg.PoolClient, bucketIds: readonly string[]) => Promise<void>;
}

/** Ids of the objects that were made, by `objectKey`. */
export type MadeIds = ReadonlyMap<string, string>;
