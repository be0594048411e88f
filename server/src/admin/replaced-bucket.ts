import type { BucketBody } from "@relay/provider-schema";
import type { BucketFields } from "../store/buckets.js";

/** Clients that send a name send everything that is not a default: what is absent goes back to its default. */
export function replacedBucket(body: BucketBody): Omit<BucketFields, "name" | "auth" | "managedBy"> {
  return {
    description: body.description ?? "",
    stream: body.stream ?? false,
    ephemeral: body.ephemeral ?? false,
    largeWebhooks: body.large_webhooks ?? false,
  };
}
