import type { ServerResponse } from "node:http";
import type { Input } from "../catalog/model.js";

/** Answers 200 and nothing else, unless the input says more. */
export function answerAsConfigured(response: ServerResponse, input: Input | undefined): void {
  if (input === undefined || (input.statusCode === 0 && input.body === "" && isEmpty(input.headers))) {
    response.writeHead(200, { "content-length": 0 });
    response.end();
    return;
  }
  const body = Buffer.from(input.body);
  for (const [name, values] of Object.entries(input.headers)) response.setHeader(name, values);
  response.writeHead(input.statusCode === 0 ? 200 : input.statusCode, { "content-length": body.length });
  response.end(body);
}

function isEmpty(headers: object): boolean {
  for (const _ in headers) return false;
  return true;
}
