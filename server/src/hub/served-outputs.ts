import { mayUseBucket } from "../auth/token-scope.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Token } from "../catalog/model.js";
import type { Hello } from "../wire/index.js";
import type { ServedOutput } from "./admission.js";

/** The outputs that an agent is to serve: what it asked for, of what its token may see; and the buckets that it asked for in vain. */
export function servedOutputs(
  catalog: Catalog,
  token: Token,
  hello: Hello,
): { served: ServedOutput[]; unknownBuckets: string[] } {
  const served: ServedOutput[] = [];
  const unknown = new Set(hello.buckets.filter((name) => name !== ""));
  const all = unknown.size === 0;
  const wanted = new Set(hello.outputs);
  for (const bucket of catalog.buckets()) {
    if (!mayUseBucket(token, bucket)) continue;
    const byId = unknown.delete(bucket.id);
    const byName = unknown.delete(bucket.name);
    if (!all && !byId && !byName) continue;
    for (const output of bucket.outputs) {
      if (!output.internal || output.disabled) continue;
      if (wanted.size > 0 && !wanted.has(output.id) && !wanted.has(output.name)) continue;
      served.push({ output, bucketName: bucket.name });
    }
  }
  return { served, unknownBuckets: [...unknown] };
}
