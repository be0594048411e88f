import type { Bucket } from "../catalog/model.js";
import { cronView } from "./cron-view.js";
import { inputView } from "./input-view.js";
import { outputView } from "./output-view.js";

/** A bucket as the API shows it. Unlike the classic API it never returns passwords and tokens: only hashes are kept. */
export function bucketView(bucket: Bucket, publicUrl: string): object {
  return {
    id: bucket.id,
    managed_by: bucket.managedBy,
    name: bucket.name,
    description: bucket.description,
    auth: { type: bucket.auth.type, username: bucket.auth.type === "basic" ? bucket.auth.username : "" },
    stream: bucket.stream,
    ephemeral: bucket.ephemeral,
    large_webhooks: bucket.largeWebhooks,
    static_ip: false,
    suspended: false,
    inputs: bucket.inputs.map((input) => inputView(input, publicUrl)),
    outputs: bucket.outputs.map(outputView),
    // Ours.
    crons: bucket.crons.map((cron) => cronView(cron)),
    cron_id: bucket.crons.find(({ ownsBucket }) => ownsBucket)?.id ?? "",
    created_at: bucket.createdAt,
    updated_at: bucket.updatedAt,
  };
}
