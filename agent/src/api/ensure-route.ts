import type { ApiClient } from "./api-client.js";
import { findBucket } from "./find-bucket.js";
import type { ApiBucket, ApiInput, ApiOutput } from "./objects.js";
import { undoOnFailure } from "./undo-on-failure.js";

/** A way from a public URL to a destination. */
export interface Route {
  readonly bucket: ApiBucket;
  readonly inputs: readonly ApiInput[];
  readonly output: ApiOutput;
}

export interface EnsureRouteOptions {
  readonly bucket: string;
  readonly destination: string;
  /** Whether an agent calls it, and not the server. */
  readonly internal: boolean;
  /** Name or id of the function of the output; absent: left as it is. */
  readonly function?: string;
}

/**
 * Finds or creates bucket, input and output, so that running it again changes nothing. When a step fails, what the steps
 * before it created is deleted again.
 */
export function ensureRoute(api: ApiClient, options: EnsureRouteOptions): Promise<Route> {
  return undoOnFailure(async (onFailure) => {
    let bucket = await findBucket(api, options.bucket);
    if (bucket === undefined) {
      bucket = await api.json<ApiBucket>("POST", "/v1/buckets", { name: options.bucket, stream: true });
      // By its id, and with the input that came with it.
      const path = `/v1/buckets/${bucket.id}?force=true`;
      onFailure(`bucket ${bucket.name}`, () => api.json("DELETE", path));
    }
    const { id: bucketId } = bucket;
    let inputs = bucket.inputs ?? [];
    if (inputs.length === 0) {
      const body = { name: "Default public endpoint" };
      const input = await api.json<ApiInput>("POST", `/v1/buckets/${bucketId}/inputs`, body);
      onFailure(`input ${input.name}`, () => api.json("DELETE", `/v1/buckets/${bucketId}/inputs/${input.id}`));
      inputs = [input];
    }
    const found = (bucket.outputs ?? []).find(
      (candidate) =>
        candidate.destination === options.destination &&
        (candidate.internal === true) === options.internal &&
        candidate.disabled !== true,
    );
    const attached = options.function === undefined ? {} : { function: options.function };
    if (found !== undefined && options.function !== undefined) {
      await api.json("PUT", `/v1/buckets/${bucketId}/outputs/${found.id}`, attached);
    }
    const output =
      found ??
      (await api.json<ApiOutput>("POST", `/v1/buckets/${bucketId}/outputs`, {
        name: freeName(bucket.outputs ?? [], options.destination),
        destination: options.destination,
        internal: options.internal,
        tls_verification: true,
        ...attached,
      }));
    return { bucket, inputs, output };
  });
}

/** The public URL of an input. */
export function inputUrl(api: ApiClient, input: ApiInput): string {
  return input.url ?? `${api.address}/v1/webhooks/${input.id}`;
}

function freeName(outputs: readonly ApiOutput[], destination: string): string {
  const taken = new Set(outputs.map(({ name }) => name));
  let name = destination;
  for (let number = 2; taken.has(name); number += 1) name = `${destination} (${number})`;
  return name;
}
