import type { ServerResponse } from "node:http";
import type { DestinationAnswer } from "../responses/destination-answer.js";
import { decodeHeaderBlock } from "../wire/index.js";

/** Fields about the content, and about what the sender is to do next. */
const PASSED = new Set([
  "accept-ranges",
  "allow",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-location",
  "content-range",
  "content-type",
  "deprecation",
  "etag",
  "expires",
  "last-modified",
  "link",
  "location",
  "preference-applied",
  "ratelimit",
  "ratelimit-limit",
  "ratelimit-policy",
  "ratelimit-remaining",
  "ratelimit-reset",
  "retry-after",
  "sunset",
  "vary",
]);

/** Families that senders agree on with destinations. */
const PASSED_FAMILIES = ["x-", "access-control-", "webhook-"];

/**
 * Of those, what speaks to proxies between the relay and its senders (an internal redirect of nginx, a route of Envoy), and
 * what tells of the private network that the answer comes from.
 */
const KEPT_BACK =
  /^x-(accel-|sendfile|lighttpd-|litespeed-|envoy-|amz|goog|google|appengine-|forwarded|real-ip|served-by|powered-by|aspnet|backend|upstream|cache|varnish|via|proxy)/;

/** Statuses whose answers have no content (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
const WITHOUT_CONTENT = new Set([204, 205, 304]);

/**
 * Passes on what a destination answered: its status, its body, and the fields that a sender has use for. No cookies, no
 * authentication, nothing about connections; and no browser runs what is in it under the relay's own name.
 */
export function answerAsDestination(response: ServerResponse, { status, headers, body }: DestinationAnswer): void {
  const fields = new Map<string, string[]>();
  const parts = decodeHeaderBlock(headers);
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [name = "", value = ""] = [parts[at], parts[at + 1]];
    const lower = name.toLowerCase();
    if (!mayPass(lower) || !isFieldName(lower) || !isFieldValue(value)) continue;
    const values = fields.get(lower);
    if (values === undefined) fields.set(lower, [value]);
    else values.push(value);
  }
  for (const [name, values] of fields) response.setHeader(name, values.length === 1 ? (values[0] ?? "") : values);
  response.setHeader("content-security-policy", "sandbox");
  response.setHeader("x-content-type-options", "nosniff");
  if (WITHOUT_CONTENT.has(status)) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { "content-length": body.length });
  response.end(body);
}

function mayPass(name: string): boolean {
  if (PASSED.has(name)) return true;
  return PASSED_FAMILIES.some((family) => name.startsWith(family)) && !KEPT_BACK.test(name);
}

/** An agent may report anything: what Node would not send must not end the answer. */
function isFieldName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~\w]+$/.test(name);
}

function isFieldValue(value: string): boolean {
  return !/[^\t\x20-\x7e\x80-\xff]/.test(value);
}
