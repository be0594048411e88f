import { randomUUID } from "node:crypto";
import {
  type BucketBody,
  type DeclaredObject,
  type InputBody,
  type OutputBody,
  objectKey,
  type PlannedChange,
  type TokenBody,
} from "@relay/provider-schema";
import type pg from "pg";
import { replacedBucket } from "../admin/replaced-bucket.js";
import { replacedInput } from "../admin/replaced-input.js";
import { replacedOutput } from "../admin/replaced-output.js";
import { replacedToken } from "../admin/replaced-token.js";
import { sealSecrets } from "../attributes/seal-secrets.js";
import type { Catalog } from "../catalog/catalog.js";
import type { BucketAuth } from "../catalog/model.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import { deleteBuckets, insertBuckets, updateBuckets, type WrittenBucket } from "../store/buckets.js";
import { deleteInputs, insertInputs, updateInputs, type WrittenInput } from "../store/inputs.js";
import { deleteOutputs, insertOutputs, updateOutputs, type WrittenOutput } from "../store/outputs.js";
import { deleteTokens, insertTokens, rotateSecret, updateTokens, type WrittenToken } from "../store/tokens.js";
import type { SecretHash } from "./given-secrets.js";

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

/**
 * Carries a plan out inside the transaction that holds the catalog's lock, in a few statements however many objects there
 * are. Rejects, and then the transaction must be rolled back, when any of it fails.
 */
export async function executePlan(client: pg.PoolClient, execution: Execution): Promise<MadeIds> {
  const { changes, createBucketKeys } = execution;
  const ending = changes.filter(({ action }) => action === "delete" || action === "replace");
  await deleteOutputs(client, idsOf(ending, "output"));
  await deleteInputs(client, idsOf(ending, "input"));
  await deleteTokens(client, idsOf(ending, "token"));
  await deleteBuckets(client, idsOf(ending, "bucket"));

  const made = new Map<string, string>();
  for (const change of changes) if (isMade(change)) made.set(objectKey(change), randomUUID());
  const rows = new RowMaker(execution, made);
  const of = (resource: string, making: boolean) =>
    changes.filter((change) => change.resource === resource && change.action !== "delete" && isMade(change) === making);

  const buckets = of("bucket", true).map((change) => rows.bucket(change));
  await insertBuckets(client, buckets);
  await createBucketKeys(
    client,
    buckets.map(({ id }) => id),
  );
  expectAll(
    await updateBuckets(
      client,
      of("bucket", false).map((change) => rows.bucket(change)),
    ),
    of("bucket", false),
  );
  await insertInputs(
    client,
    of("input", true).map((change) => rows.input(change)),
  );
  expectAll(
    await updateInputs(
      client,
      of("input", false).map((change) => rows.input(change)),
    ),
    of("input", false),
  );
  await insertOutputs(
    client,
    of("output", true).map((change) => rows.output(change)),
  );
  expectAll(
    await updateOutputs(
      client,
      of("output", false).map((change) => rows.output(change)),
    ),
    of("output", false),
  );
  await insertTokens(
    client,
    of("token", true).map((change) => ({ ...rows.token(change), secretHash: rows.newTokenHash(change) })),
  );
  expectAll(
    await updateTokens(
      client,
      of("token", false).map((change) => rows.token(change)),
    ),
    of("token", false),
  );
  for (const change of of("token", false)) {
    const secretHash = execution.secretHash(change, "own_secret");
    const id = change.id;
    if (secretHash !== undefined && id !== undefined) await rotateSecret(client, id, { secretHash, graceSeconds: 0 });
  }
  return made;
}

function isMade({ action }: PlannedChange): boolean {
  return action === "create" || action === "replace";
}

function idsOf(changes: readonly PlannedChange[], resource: string): string[] {
  return changes.flatMap((change) => (change.resource === resource ? (change.id ?? []) : []));
}

/** Under the lock nobody else can have removed one: a difference is a mistake of ours, and nothing may stay of it. */
function expectAll(written: number, changes: readonly PlannedChange[]): void {
  if (written !== changes.length) throw new Error(`manifest: ${changes.length} rows to change, but ${written} were`);
}

/** Rows of planned objects, made of what is declared by the same functions that serve the API. */
class RowMaker {
  readonly #execution: Execution;
  readonly #made: MadeIds;
  readonly #declared: ReadonlyMap<string, DeclaredObject>;

  constructor(execution: Execution, made: MadeIds) {
    this.#execution = execution;
    this.#made = made;
    this.#declared = new Map(execution.declared.map((object) => [objectKey(object), object]));
  }

  bucket(change: PlannedChange): WrittenBucket {
    const id = this.#id(change);
    const body = this.#values<BucketBody>(change);
    const before = this.#execution.catalog.bucket(change.id ?? "")?.auth ?? { type: "none" };
    return { ...this.#common(change), ...replacedBucket(body), id, auth: this.#auth(change, body, before) };
  }

  input(change: PlannedChange): WrittenInput {
    const body = this.#values<InputBody>(change);
    const id = this.#id(change);
    const { secrets, ...fields } = replacedInput(body, this.#execution.catalog.input(change.id ?? "")?.input.secrets);
    const sealed = sealSecrets(this.#execution.settingSealer, { table: "input", id }, secrets);
    return { ...this.#common(change), ...fields, sealed, id, bucketId: this.#bucketId(change) };
  }

  output(change: PlannedChange): WrittenOutput {
    const body = this.#values<OutputBody>(change);
    const { destination, agents } = body;
    if (destination === undefined || agents === undefined) throw new Error("manifest: an output without a destination");
    const id = this.#id(change);
    const bucketId = this.#bucketId(change);
    const { catalog, settingSealer } = this.#execution;
    const before = catalog.bucket(bucketId)?.outputs.find((output) => output.id === id)?.secrets;
    const { secrets, ...fields } = replacedOutput(body, before);
    const sealed = sealSecrets(settingSealer, { table: "output", id }, secrets);
    return { ...this.#common(change), ...fields, sealed, destination, agents, id, bucketId };
  }

  token(change: PlannedChange): WrittenToken {
    const body = this.#values<TokenBody>(change);
    const common = this.#common(change);
    const before = { apiAccess: false, active: true, name: common.name, expiresAt: 0 };
    return { ...replacedToken(body, before), ...common, id: this.#id(change) };
  }

  newTokenHash(change: PlannedChange): string {
    const { secretHash, madeSecretHash } = this.#execution;
    const hash = secretHash(change, "own_secret") ?? madeSecretHash(change.path[0] ?? "");
    if (hash === undefined) throw new Error("manifest: a token without a secret");
    return hash;
  }

  #common({ path }: PlannedChange): { readonly name: string; readonly managedBy: string } {
    return { name: path.at(-1) ?? "", managedBy: this.#execution.owner };
  }

  #id(change: PlannedChange): string {
    const id = this.#made.get(objectKey(change)) ?? change.id;
    if (id === undefined) throw new Error("manifest: a change without an id");
    return id;
  }

  #bucketId({ path }: PlannedChange): string {
    const [bucket = ""] = path;
    const id =
      this.#made.get(objectKey({ resource: "bucket", path: [bucket] })) ??
      this.#execution.catalog.bucketByName(bucket)?.id;
    if (id === undefined) throw new Error("manifest: an object without its bucket");
    return id;
  }

  #values<T>(change: PlannedChange): T {
    const declared = this.#declared.get(objectKey(change));
    if (declared === undefined) throw new Error("manifest: a change of what is not declared");
    return declared.values as T;
  }

  #auth(change: PlannedChange, { auth }: BucketBody, before: BucketAuth): BucketAuth {
    const type = auth?.type ?? "none";
    if (type === "none") return { type };
    const given = this.#execution.secretHash(change, type === "basic" ? "auth.password" : "auth.token");
    const hash = given ?? (before.type === type ? before.hash : undefined);
    if (hash === undefined) throw new Error("manifest: authentication without a secret");
    return type === "basic" ? { type, username: auth?.username ?? "", hash } : { type, hash };
  }
}
