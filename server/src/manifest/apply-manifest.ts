import { type ManifestPlan, type PlannedChange, SCHEMA, withoutSecrets } from "@relay/provider-schema";
import type pg from "pg";
import type { Logger } from "pino";
import { newSecret } from "../admin/new-secret.js";
import { tokenLabel } from "../admin/token-label.js";
import { hashSecret } from "../auth/secret-hash.js";
import type { Token } from "../catalog/model.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import { insertAudit } from "../store/audit.js";
import { deleteDeliveriesOfBuckets } from "../store/buckets.js";
import { upsertManifest } from "../store/manifests.js";
import { stallDeliveriesOfOutputs } from "../store/outputs.js";
import { auditEntries } from "./audit-entries.js";
import { executePlan } from "./execute-plan.js";
import { hashGivenSecrets } from "./given-secrets.js";
import { type Draft, draftPlan, type MadePlan, makePlan, type Planning } from "./make-plan.js";
import { ManifestRefusedError } from "./manifest-refused-error.js";
import { type ManifestRequest, manifestOwner } from "./manifest-request.js";
import { rememberSecrets } from "./secret-comparison.js";
import { WorldMovedError } from "./world-moved-error.js";

/** What applying needs of the server, beyond planning. */
export interface Applying extends Planning {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly settingSealer: SettingSealer;
  readonly bcryptCost?: number;
  readonly changes: {
    run<T>(subjects: readonly string[], change: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  };
  readonly createBucketKeys: (client: pg.PoolClient, bucketIds: readonly string[]) => Promise<void>;
  readonly forgetBucketKeys: (bucketId: string) => void;
}

export interface Applied {
  readonly plan: ManifestPlan;
  /** Of tokens that were made without a secret of their own, by name: told this once. */
  readonly secrets: Readonly<Record<string, { readonly key: string; readonly secret: string }>>;
}

/**
 * Executes exactly the plan of this fingerprint, all of it in one transaction or nothing. Rejects with `WorldMovedError`
 * when the plan would be another one now, with `ManifestRefusedError` when something is in the way.
 */
export async function applyManifest(
  services: Applying,
  request: ManifestRequest & { readonly fingerprint: string },
  actor: Token,
): Promise<Applied> {
  const { catalog, pool, bcryptCost, changes } = services;
  const draft = await draftPlan(services, request);
  // Before the lock: what is refused anyway should hold nobody up, and what is hashed must be known.
  const first = await expectedPlan(services, draft, request.fingerprint, pool);
  const given = await hashGivenSecrets(first.plan.changes, draft.declared, bcryptCost);
  const madeSecrets = await makeTokenSecrets(first.plan.changes, bcryptCost);
  const owner = manifestOwner(request.name);

  const done = await changes.run([owner], async (client) => {
    const { plan } = await expectedPlan(services, draft, request.fingerprint, client);
    const outputsOf = (bucketId: string) => catalog.bucket(bucketId)?.outputs.map(({ id }) => id) ?? [];
    const goneBuckets = idsOfEnding(plan.changes, "bucket");
    const gone = {
      buckets: goneBuckets,
      outputsOfBuckets: goneBuckets.flatMap(outputsOf),
      outputs: idsOfEnding(plan.changes, "output"),
    };
    const made = await executePlan(client, {
      catalog,
      settingSealer: services.settingSealer,
      owner,
      changes: plan.changes,
      declared: draft.declared,
      secretHash: given.hashOf,
      madeSecretHash: (token) => madeSecrets.get(token)?.hash,
      createBucketKeys: services.createBucketKeys,
    });
    await insertAudit(
      client,
      auditEntries({ changes: plan.changes, made, owner, actorId: actor.id, actor: tokenLabel(actor) }),
    );
    const content = withoutSecrets(SCHEMA.resources, request.content);
    await upsertManifest(client, { name: request.name, content, appliedBy: actor.id });
    return { plan, gone, made };
  });

  rememberSecrets(services.secretVerifier, given.pairs);
  await cleanUp(services, done.gone);
  services.logger.info({ manifest: request.name, ...done.plan.summary, by: actor.id }, "manifest.applied");
  const secrets = [...madeSecrets].map(
    ([name, { secret }]) => [name, { key: done.made.get(`token\n${name}`) ?? "", secret }] as const,
  );
  return { plan: done.plan, secrets: Object.fromEntries(secrets) };
}

async function expectedPlan(
  services: Applying,
  draft: Draft,
  fingerprint: string,
  db: pg.Pool | pg.PoolClient,
): Promise<MadePlan> {
  const made = await makePlan(services, draft, db);
  // First: with another manifest, or in another world, its problems are not those of the plan that people saw.
  if (made.problems.length === 0 && made.plan.fingerprint !== fingerprint) throw new WorldMovedError(made.plan);
  if (made.problems.length > 0) throw new ManifestRefusedError(made.problems);
  return made;
}

/** Secrets for tokens that are made without one of their own. */
async function makeTokenSecrets(
  changes: readonly PlannedChange[],
  bcryptCost: number | undefined,
): Promise<ReadonlyMap<string, { readonly secret: string; readonly hash: string }>> {
  const secrets = new Map<string, { secret: string; hash: string }>();
  for (const { resource, action, path, attributes } of changes) {
    const [name] = path;
    if (resource !== "token" || (action !== "create" && action !== "replace") || name === undefined) continue;
    if (attributes.some((attribute) => attribute.path === "own_secret")) continue;
    const secret = newSecret();
    secrets.set(name, { secret, hash: await hashSecret(secret, bcryptCost) });
  }
  return secrets;
}

function idsOfEnding(changes: readonly PlannedChange[], resource: string): string[] {
  return changes.flatMap((change) =>
    change.resource === resource && (change.action === "delete" || change.action === "replace")
      ? (change.id ?? [])
      : [],
  );
}

interface Gone {
  readonly buckets: readonly string[];
  readonly outputsOfBuckets: readonly string[];
  readonly outputs: readonly string[];
}

/** What the routes do that delete one: the objects are gone already, so failing here does no more harm than waiting. */
async function cleanUp({ pool, logger, forgetBucketKeys }: Applying, gone: Gone): Promise<void> {
  for (const id of gone.buckets) forgetBucketKeys(id);
  const unread = new Set(gone.outputsOfBuckets);
  const stalled = gone.outputs.filter((id) => !unread.has(id));
  try {
    if (gone.buckets.length > 0) await deleteDeliveriesOfBuckets(pool, gone.buckets, gone.outputsOfBuckets);
    if (stalled.length > 0) await stallDeliveriesOfOutputs(pool, stalled);
  } catch (error) {
    logger.warn({ err: error }, "manifest.deliveries-not-ended");
  }
}
