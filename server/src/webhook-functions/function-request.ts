import type { FunctionRequest } from "../functions/function-call.js";
import { decodeHeaderBlock, type WebhookRequest } from "../wire/index.js";
import { headerLines } from "./header-lines.js";

/** A webhook as its functions see it. */
export function functionRequest({ method, path, query, headers, body }: WebhookRequest): FunctionRequest {
  return { method, path, rawQuery: query, headers: headerLines(decodeHeaderBlock(headers)), body };
}
