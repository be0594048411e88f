import type { Header } from "../wire/index.js";

/**
 * Which header fields reach the destination (RFC 9110 section 7.6.1): end-to-end fields byte for byte in their order, case
 * and repetition; hop-by-hop fields and those that the connection to the destination sets by itself do not.
 */

export const DELIVERY_ID_HEADER = "X-Relay-Delivery-Id";
export const ATTEMPT_HEADER = "X-Relay-Attempt";

/**
 * Never forwarded. Host is the destination's own. Content-Length is written anew from the body, which is the same unless the
 * sender used chunks. Expect was answered on the way in. The relay's own fields would be forgeries.
 */
const DROPPED: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "host",
  "content-length",
  "expect",
  DELIVERY_ID_HEADER.toLowerCase(),
  ATTEMPT_HEADER.toLowerCase(),
]);

/** An output's header overrides, prepared once per configuration. */
export interface HeaderOverrides {
  /** Lower-case names that the sender's fields may not have. */
  readonly names: ReadonlySet<string>;
  /** Name, value, name, value: added behind the sender's fields. */
  readonly fields: readonly string[];
}

/** Prepares overrides: hop-by-hop names are left out, Host is taken, text beyond ISO 8859-1 travels as UTF-8. */
export function headerOverrides(headers: readonly Header[]): HeaderOverrides {
  const names = new Set<string>();
  const fields: string[] = [];
  for (const { name, value } of headers) {
    const lower = name.toLowerCase();
    // A second Host makes a request invalid: the last one counts.
    if (lower === "host") removeField(fields, "host");
    else if (DROPPED.has(lower)) continue;
    names.add(lower);
    fields.push(name, Buffer.from(value, "utf8").toString("latin1"));
  }
  return { names, fields };
}

/**
 * The fields to send, names and values alternating. `received` has the form of Node's `rawHeaders`; `attempt` counts from 1
 * over all agents and tries.
 */
export function endToEndHeaders(
  received: readonly string[],
  overrides: HeaderOverrides,
  delivery: { readonly id: string; readonly attempt: number },
): string[] {
  const named = namedByConnection(received);
  const sent: string[] = [];
  for (let i = 0; i + 1 < received.length; i += 2) {
    const name = received[i] as string;
    const lower = lowerCase(name);
    if (DROPPED.has(lower) || overrides.names.has(lower) || named?.has(lower)) continue;
    sent.push(name, received[i + 1] as string);
  }
  for (const text of overrides.fields) sent.push(text);
  sent.push(DELIVERY_ID_HEADER, delivery.id, ATTEMPT_HEADER, String(delivery.attempt));
  return sent;
}

/** Lower-case names that Connection fields list, or null when there are none beside the well-known ones. */
function namedByConnection(received: readonly string[]): Set<string> | null {
  let named: Set<string> | null = null;
  for (let i = 0; i + 1 < received.length; i += 2) {
    const name = received[i] as string;
    if (name.length !== 10 || lowerCase(name) !== "connection") continue;
    for (const token of (received[i + 1] as string).split(",")) {
      const listed = token.trim().toLowerCase();
      if (listed === "" || listed === "close" || listed === "keep-alive") continue;
      named ??= new Set();
      named.add(listed);
    }
  }
  return named;
}

function removeField(fields: string[], lower: string): void {
  for (let i = fields.length - 2; i >= 0; i -= 2) {
    if ((fields[i] as string).toLowerCase() === lower) fields.splice(i, 2);
  }
}

/** Senders use few names: remembering their lower case saves a third of this file's time. Bounded against hostile ones. */
const remembered = new Map<string, string>();
const MOST_REMEMBERED = 1_000;

function lowerCase(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  if (remembered.size < MOST_REMEMBERED && name.length <= 64) remembered.set(name, lower);
  return lower;
}
