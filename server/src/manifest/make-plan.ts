import {
  type DeclaredObject,
  declaredObjects,
  type ExistingObject,
  type ManifestPlan,
  type ManifestProblem,
  manifestPath,
  objectPath,
  type PlannedChange,
  planChanges,
  SCHEMA,
  summarizeChanges,
} from "@relay/provider-schema";
import type { HostRefusal } from "../attributes/output-problems.js";
import type { SecretVerifier } from "../auth/secret-verifier.js";
import type { Catalog } from "../catalog/catalog.js";
import type { FunctionRuns } from "../executions/run-function.js";
import { countUndelivered } from "../store/buckets.js";
import type { Queryable } from "../store/queryable.js";
import { contentProblems } from "./content-problems.js";
import { existingObjects } from "./existing-objects.js";
import { fingerprint } from "./fingerprint.js";
import { type ManifestRequest, manifestOwner } from "./manifest-request.js";
import { compareSecrets, type SecretDiffers, type SecretPair } from "./secret-comparison.js";
import { sourceProblems } from "./source-problems.js";

/** What planning needs of the server. */
export interface Planning {
  readonly catalog: Catalog;
  readonly fingerprintKey: Buffer;
  readonly secretVerifier: SecretVerifier;
  readonly destinationRefusal: HostRefusal;
  readonly functions: FunctionRuns;
  /** Key of the token whose secret the environment sets; empty or absent when it sets none. */
  readonly environmentKey?: string;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/** A request, ready to be planned again and again, also under the catalog's lock. */
export interface Draft {
  readonly request: ManifestRequest;
  readonly declared: readonly DeclaredObject[];
  readonly secretDiffers: SecretDiffers;
  /** Found already, and to be told with the rest. */
  readonly problems: readonly ManifestProblem[];
}

export interface MadePlan {
  readonly plan: ManifestPlan;
  readonly existing: readonly ExistingObject[];
  /** When there is any, the plan must not be executed. */
  readonly problems: readonly ManifestProblem[];
}

/** Compares the secrets, which takes bcrypt's time, and has the sources of functions parsed. */
export async function draftPlan(
  { catalog, secretVerifier, functions }: Planning,
  request: ManifestRequest,
): Promise<Draft> {
  const declared = declaredObjects(SCHEMA.resources, request.content);
  const pairs: SecretPair[] = [];
  reconcile(request, declared, existingObjects(catalog), (kept, given) => {
    pairs.push({ kept, given });
    return false;
  });
  const problems = await sourceProblems({ catalog, functions }, declared);
  return { request, declared, secretDiffers: await compareSecrets(secretVerifier, pairs), problems };
}

/** The plan on what the catalog holds now. */
export async function makePlan(
  planning: Planning,
  { request, declared, secretDiffers, problems: found }: Draft,
  db: Queryable,
): Promise<MadePlan> {
  const existing = existingObjects(planning.catalog);
  const { changes, problems } = reconcile(request, declared, existing, secretDiffers);
  const counted = await withUndelivered(db, changes);
  const manifest = request.name;
  const plan: ManifestPlan = {
    manifest,
    changes: counted,
    summary: summarizeChanges(counted),
    fingerprint: fingerprint({ key: planning.fingerprintKey, manifest, changes: counted, declared, existing }),
  };
  return {
    plan,
    existing,
    problems: [
      ...found,
      ...contentProblems({
        declared,
        existing,
        owner: manifestOwner(manifest),
        now: planning.clock(),
        destinationRefusal: planning.destinationRefusal,
      }),
      ...problems,
      ...environmentProblems(changes, planning.environmentKey),
      ...(request.allowUndeliveredLoss ? [] : lossProblems(counted)),
    ],
  };
}

function reconcile(
  { name, adopt }: ManifestRequest,
  declared: readonly DeclaredObject[],
  existing: readonly ExistingObject[],
  secretDiffers: SecretDiffers,
) {
  const { resources } = SCHEMA;
  return planChanges({
    resources,
    owner: manifestOwner(name),
    declared,
    existing,
    adopt: new Set(adopt),
    secretDiffers,
  });
}

/** With a bucket its keys go, and with them the webhooks that are on their way. */
async function withUndelivered(db: Queryable, changes: readonly PlannedChange[]): Promise<readonly PlannedChange[]> {
  const ends = ({ action, resource }: PlannedChange) =>
    resource === "bucket" && (action === "delete" || action === "replace");
  const counts = await countUndelivered(
    db,
    changes.filter(ends).flatMap(({ id }) => id ?? []),
  );
  return changes.map((change) => {
    const undelivered = ends(change) ? counts.get(change.id ?? "") : undefined;
    return undelivered === undefined ? change : { ...change, undelivered };
  });
}

/** The next start would undo it. */
function environmentProblems(changes: readonly PlannedChange[], environmentKey = ""): ManifestProblem[] {
  return changes.flatMap((change) => {
    const gives = change.attributes.some(({ path }) => path === "own_secret");
    if (!gives || change.id === undefined || change.id !== environmentKey.toLowerCase()) return [];
    return {
      path: manifestPath([...objectPath(SCHEMA.resources, change), "own_secret"]),
      message: "is set by ADMIN_API_SECRET, and the next start would undo a change",
      hint: "Leave it out, change ADMIN_API_SECRET and restart the server.",
    };
  });
}

function lossProblems(changes: readonly PlannedChange[]): ManifestProblem[] {
  return changes.flatMap((change) => {
    if (change.undelivered === undefined) return [];
    return {
      path: manifestPath(objectPath(SCHEMA.resources, change)),
      message: `would be deleted with ${change.undelivered} undelivered webhooks`,
      hint: "Wait until they are delivered, or plan and apply with allow_undelivered_loss.",
    };
  });
}
