import type { ServerResponse } from "node:http";
import type { FunctionResponse } from "../functions/function-result.js";

/** Fields that frame the message: a function's answer must not be read as two. */
const FRAMING = new Set(["connection", "content-length", "keep-alive", "trailer", "transfer-encoding", "upgrade"]);

/** Answers what a function says; 200 where it says no status. */
export function answerAsMade(
  response: ServerResponse,
  { status = 200, headers, body = NOTHING }: FunctionResponse,
): void {
  const fields = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!FRAMING.has(lower)) fields.set(lower, [...(fields.get(lower) ?? []), value]);
  }
  for (const [name, values] of fields) response.setHeader(name, values);
  response.writeHead(status, { "content-length": body.length });
  response.end(body);
}

const NOTHING = Buffer.alloc(0);
