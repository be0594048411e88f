import type { ExecutionDetail } from "../executions/execution.js";
import { idTime } from "../ids.js";
import { EXECUTION_STATUS, type ExecutionRow } from "../store/executions.js";
import { failureView } from "./invoke-view.js";

/**
 * ExecuteLog of the classic API: `duration` in nanoseconds, times in Unix seconds. Bodies are not kept a second time: the
 * webhook has them. `bucket_id`, `webhook_id`, `output_id` and `logs` are ours.
 */
export function executionView(row: ExecutionRow, detail: ExecutionDetail | undefined): object {
  const created = Math.floor(idTime(row.id) / 1000);
  const changed = (part: string) => detail?.modified.includes(part) ?? false;
  const failure =
    detail?.error === undefined
      ? { error: "" }
      : failureView({
          message: detail.error,
          ...(detail.line === undefined ? {} : { line: detail.line }),
          ...(detail.column === undefined ? {} : { column: detail.column }),
        });
  return {
    id: row.id,
    function_id: row.functionId,
    bucket_id: row.bucketId,
    webhook_id: row.webhookId,
    output_id: row.outputId,
    created,
    updated: created,
    duration: row.durationUs * 1_000,
    status: row.status === EXECUTION_STATUS.success ? "success" : "error",
    execute_response: {
      request_id: row.id,
      function_id: row.functionId,
      request_modified: (detail?.modified.length ?? 0) > 0,
      response_modified: detail?.answered ?? false,
      request: {
        method_modified: changed("method"),
        path_modified: changed("path"),
        raw_query_modified: changed("rawQuery"),
        header_modified: changed("headers"),
        body_modified: changed("body"),
      },
      response: { status: detail?.answerStatus ?? 0 },
      stop_forwarding: detail?.stopped ?? false,
      ...failure,
    },
    logs: detail?.logs ?? [],
  };
}
