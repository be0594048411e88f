import { CliError, EXIT } from "../cli/exit-codes.js";
import type { ApiClient } from "./api-client.js";
import type { ApiBucket } from "./objects.js";

/** The bucket with this id or name, or undefined. */
export async function findBucket(api: ApiClient, idOrName: string): Promise<ApiBucket | undefined> {
  const buckets = (await api.json<readonly ApiBucket[] | null>("GET", "/v1/buckets")) ?? [];
  return buckets.find(({ id }) => id === idOrName) ?? buckets.find(({ name }) => name === idOrName);
}

/** The same; throws CliError with the names that exist when there is none. */
export async function requireBucket(api: ApiClient, idOrName: string): Promise<ApiBucket> {
  const buckets = (await api.json<readonly ApiBucket[] | null>("GET", "/v1/buckets")) ?? [];
  const found = buckets.find(({ id }) => id === idOrName) ?? buckets.find(({ name }) => name === idOrName);
  if (found !== undefined) return found;
  const names = buckets.map(({ name }) => name);
  const hint = names.length === 0 ? "there is none yet" : `there are: ${names.slice(0, 20).join(", ")}`;
  throw new CliError(`no bucket "${idOrName}"; ${hint}`, EXIT.failure);
}
