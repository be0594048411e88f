import { BUCKET, type BucketBody, type PlannedChange } from "@relay/provider-schema";
import { bucketView } from "../../admin/bucket-view.js";
import { replacedBucket } from "../../admin/replaced-bucket.js";
import type { BucketAuth } from "../../catalog/model.js";
import { deleteBuckets, insertBuckets, updateBuckets, type WrittenBucket } from "../../store/buckets.js";
import { existingForm } from "./existing-form.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(BUCKET);

export const BUCKETS: ManifestResource = {
  resource: BUCKET,
  existing: (catalog) =>
    catalog
      .buckets()
      .map((bucket) =>
        form(
          bucket,
          [bucket.name],
          bucketView({ ...bucket, inputs: [], outputs: [], crons: [] }, ""),
          secretsOf(bucket.auth),
        ),
      ),
  remove: deleteBuckets,
  make: async (client, changes, work) => {
    const rows = changes.map((change) => row(change, work));
    await insertBuckets(client, rows);
    await work.execution.createBucketKeys(
      client,
      rows.map(({ id }) => id),
    );
  },
  change: (client, changes, work) =>
    updateBuckets(
      client,
      changes.map((change) => row(change, work)),
    ),
};

function secretsOf(auth: BucketAuth): Readonly<Record<string, string>> {
  switch (auth.type) {
    case "basic":
      return { "auth.password": auth.hash };
    case "token":
      return { "auth.token": auth.hash };
    default:
      return {};
  }
}

function row(change: PlannedChange, work: PlanWork): WrittenBucket {
  const body = work.values<BucketBody>(change);
  return { ...work.common(change), ...replacedBucket(body), id: work.id(change), auth: authOf(change, body, work) };
}

function authOf(change: PlannedChange, { auth }: BucketBody, { execution }: PlanWork): BucketAuth {
  const before = execution.catalog.bucket(change.id ?? "")?.auth ?? { type: "none" };
  const type = auth?.type ?? "none";
  if (type === "none") return { type };
  const given = execution.secretHash(change, type === "basic" ? "auth.password" : "auth.token");
  const hash = given ?? (before.type === type ? before.hash : undefined);
  if (hash === undefined) throw new Error("manifest: authentication without a secret");
  return type === "basic" ? { type, username: auth?.username ?? "", hash } : { type, hash };
}
