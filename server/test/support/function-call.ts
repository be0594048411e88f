import type { FunctionCall, FunctionRequest } from "../../src/functions/function-call.js";
import type { FunctionDone, FunctionResult } from "../../src/functions/function-result.js";

/** A call with a small JSON request; `over` replaces what a test is about. */
export function functionCall(
  source: string,
  over: Partial<Omit<FunctionCall, "request">> & { readonly request?: Partial<FunctionRequest> } = {},
): FunctionCall {
  const request = {
    method: "POST",
    path: "/in",
    rawQuery: "a=1&b=two%20words",
    headers: [
      ["Content-Type", "application/json"],
      ["X-Twice", "first"],
      ["x-twice", "second"],
    ] as const,
    body: Buffer.from('{"id":7,"name":"Zoë"}'),
    ...over.request,
  };
  const metadata = { bucket_id: "b-1", bucket_name: "orders", input_name: "shop" };
  return { functionId: "f-1", driver: "js", source, variables: {}, bucketId: "b-1", metadata, ...over, request };
}

/** The result of a run that must have gone well. */
export function done(result: FunctionResult): FunctionDone {
  if (result.kind === "done") return result;
  throw new Error(`the function failed: ${result.reason}: ${result.message} (line ${result.line})`);
}

export function bodyOf(result: FunctionResult): string {
  return Buffer.from(done(result).request.body).toString("utf8");
}

export function responseOf(result: FunctionResult): { status?: number | undefined; body?: string | undefined } {
  const { response } = done(result);
  return {
    status: response?.status,
    body: response?.body === undefined ? undefined : Buffer.from(response.body).toString("utf8"),
  };
}
