import type { FunctionRequest } from "../functions/function-call.js";
import { decodedText } from "./function-payload.js";

/**
 * The request that a function is invoked with, from whatever a client sends: `method`, `path`, `raw_query`, `request_body` or
 * `body`, and `headers` or `header`, at the top or in `request`. All are optional; unknown fields are ignored.
 */
export function invokeRequest(body: unknown): FunctionRequest {
  const top = record(body);
  const inner = record(top.request);
  const given = (name: string) => inner[name] ?? top[name];
  const text = (name: string) => {
    const value = given(name);
    return typeof value === "string" ? value : "";
  };
  return {
    method: text("method").toUpperCase() || "POST",
    path: text("path"),
    rawQuery: text("raw_query").replace(/^\?/, ""),
    headers: headerLines(given("headers") ?? given("header")),
    body: Buffer.from(bodyText(top, inner)),
  };
}

/** `body` is base64 where Go wrote it, and text where people did; `request_body` is always text. */
function bodyText(top: Fields, inner: Fields): string {
  const plain = inner.request_body ?? top.request_body;
  if (typeof plain === "string") return plain;
  const body = inner.body ?? top.body;
  if (typeof body === "string") return decodedText(body) ?? body;
  return body === undefined || body === null ? "" : JSON.stringify(body);
}

type Fields = Readonly<Record<string, unknown>>;

function record(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** Values are texts, lists of them, or `{"values": [...]}`. */
function headerLines(headers: unknown): readonly (readonly [string, string])[] {
  return Object.entries(record(headers)).flatMap(([name, value]) => {
    const values = typeof value === "string" ? [value] : Array.isArray(value) ? value : record(value).values;
    if (!Array.isArray(values)) return [];
    return values.filter((each) => typeof each === "string").map((each) => [name, latin1(each)] as const);
  });
}

/** As Node shows header lines: one character for each byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}
