import type { ApiClient } from "./api-client.js";
import { findBucket } from "./find-bucket.js";
import type { ApiBucket, ApiInput, ApiOutput } from "./objects.js";

/** A way from a public URL to a destination. */
export interface Route {
  readonly bucket: ApiBucket;
  readonly inputs: readonly ApiInput[];
  readonly output: ApiOutput;
  readonly created: readonly ("bucket" | "input" | "output")[];
}

export interface EnsureRouteOptions {
  readonly bucket: string;
  readonly destination: string;
  readonly internal: boolean;
}

/** Finds or creates bucket, input and output, so that running it again changes nothing. */
export async function ensureRoute(api: ApiClient, options: EnsureRouteOptions): Promise<Route> {
  const created: Route["created"][number][] = [];
  let bucket = await findBucket(api, options.bucket);
  if (bucket === undefined) {
    bucket = await api.json<ApiBucket>("POST", "/v1/buckets", { name: options.bucket, stream: true });
    created.push("bucket");
  }
  let inputs = bucket.inputs ?? [];
  if (inputs.length === 0) {
    inputs = [await api.json<ApiInput>("POST", `/v1/buckets/${bucket.id}/inputs`, { name: "Default public endpoint" })];
    created.push("input");
  }
  let output = (bucket.outputs ?? []).find(
    (candidate) =>
      candidate.destination === options.destination &&
      (candidate.internal ?? false) === options.internal &&
      candidate.disabled !== true,
  );
  if (output === undefined) {
    output = await api.json<ApiOutput>("POST", `/v1/buckets/${bucket.id}/outputs`, {
      name: freeName(bucket.outputs ?? [], options.destination),
      destination: options.destination,
      internal: options.internal,
      tls_verification: true,
    });
    created.push("output");
  }
  return { bucket, inputs, output, created };
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
