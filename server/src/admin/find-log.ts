import { mayUseBucket } from "../auth/token-scope.js";
import type { Bucket, Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import { isUuid } from "../ids.js";
import { type LogRow, selectLog } from "../store/logs.js";
import type { AdminServices } from "./admin-services.js";
import { quoted } from "./find.js";

/** A log and its bucket. Throws 404 alike when there is none, its bucket is gone, or the token may not use the bucket. */
export async function requireLog(
  { pool, catalog }: AdminServices,
  token: Token,
  id: string,
): Promise<{ row: LogRow; bucket: Bucket }> {
  const row = isUuid(id) ? await selectLog(pool, id) : undefined;
  const bucket = row === undefined ? undefined : catalog.bucket(row.bucketId);
  if (row === undefined || bucket === undefined || !mayUseBucket(token, bucket)) {
    throw new RelayError(
      "not-found",
      `There is no log ${quoted(id)} that this token may see, or retention has removed it.`,
    );
  }
  return { row, bucket };
}
