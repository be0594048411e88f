import { type AttemptRow, selectAttempts } from "../store/attempts.js";
import type { LogRow } from "../store/logs.js";
import type { AdminServices } from "./admin-services.js";
import { answerFields, openAnswer } from "./log-answer.js";

/** Attempts of a delivery, oldest first: those that were followed by another one, and the last one when it is over. */
export async function attemptViews({ pool, sealer, logger }: AdminServices, log: LogRow): Promise<object[]> {
  const earlier = await selectAttempts(pool, log.id);
  const last: AttemptRow[] =
    log.finishedAt === null || earlier.some(({ attempt }) => attempt === log.attempt) || log.attempt === 0
      ? []
      : [{ ...log, atMs: log.finishedAt * 1_000 }];
  return Promise.all(
    [...earlier, ...last].map(async (row) => ({
      attempt: row.attempt,
      at: Math.floor(row.atMs / 1_000),
      status_code: row.statusCode,
      duration_ms: row.durationMs,
      error_class: row.errorClass,
      ...answerFields(await openAnswer({ ...row, id: log.id, bucketId: log.bucketId }, { sealer, logger })),
    })),
  );
}
