import type { FunctionRequest } from "../functions/function-call.js";
import type { FunctionResult } from "../functions/function-result.js";

export interface Invoked {
  readonly executionId: string;
  readonly functionId: string;
  readonly request: FunctionRequest;
  readonly metadata: Readonly<Record<string, string>>;
  readonly result: FunctionResult;
}

const UNCHANGED = { method: false, path: false, rawQuery: false, headers: false, body: false };

/**
 * ExecuteResponse of the classic API. `logs`, `duration_ms`, `error_line` and `error_column` are ours.
 */
export function invokeView({ executionId, functionId, request, metadata, result }: Invoked): object {
  const done = result.kind === "done";
  const response = done ? result.response : undefined;
  return {
    request_id: executionId,
    function_id: functionId,
    request_modified: done && Object.values(result.modified).some((changed) => changed),
    response_modified: response !== undefined,
    request: requestView(done ? result.request : request, done ? result.modified : UNCHANGED, metadata),
    response: {
      status: response?.status ?? 0,
      body: base64(response?.body),
      header: headerView(response?.headers ?? []),
    },
    stop_forwarding: done && result.stopped,
    ...(done ? { error: "" } : failureView(result)),
    logs: result.logs,
    duration_ms: result.durationMs,
  };
}

/** What went wrong, and where in the source. */
export function failureView({
  message,
  line,
  column,
}: {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}): { readonly error: string; readonly error_line?: number; readonly error_column?: number } {
  if (line === undefined) return { error: message };
  const at = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
  return { error: `${at}: ${message}`, error_line: line, ...(column === undefined ? {} : { error_column: column }) };
}

function requestView(
  { method, path, rawQuery, headers, body }: FunctionRequest,
  modified: typeof UNCHANGED,
  metadata: Readonly<Record<string, string>>,
): object {
  return {
    method,
    method_modified: modified.method,
    path,
    path_modified: modified.path,
    raw_query: rawQuery,
    raw_query_modified: modified.rawQuery,
    header: headerView(headers),
    header_modified: modified.headers,
    body: base64(body),
    body_modified: modified.body,
    metadata,
  };
}

function headerView(lines: readonly (readonly [string, string])[]): Readonly<Record<string, { values: string[] }>> {
  const header = new Map<string, { values: string[] }>();
  for (const [name, value] of lines) {
    const text = Buffer.from(value, "latin1").toString("utf8");
    const known = header.get(name);
    if (known === undefined) header.set(name, { values: [text] });
    else known.values.push(text);
  }
  return Object.fromEntries(header);
}

function base64(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : Buffer.from(bytes).toString("base64");
}
