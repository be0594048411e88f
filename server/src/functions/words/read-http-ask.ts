import { FUNCTION_LIMITS } from "../function-limits.js";
import { GuestMistake } from "../guest-mistake.js";
import { bytes, type GuestValue, text } from "../guest-value.js";
import { HeaderLines } from "../header-lines.js";
import type { HttpAsk } from "../http-ask.js";

/** RFC 9110, section 5.6.2; CONNECT opens tunnels and TRACE sends back what others added: nobody needs them here. */
const METHOD = /^(?!CONNECT$|TRACE$)[A-Z][A-Z0-9_-]{0,31}$/;

/** Reads the arguments of `http.request`: method, URL, options as JSON, body. Throws a GuestMistake when they are wrong. */
export function readHttpAsk([method, url, options, body]: readonly GuestValue[]): HttpAsk {
  const wanted = text(method, "the method").toUpperCase();
  if (!METHOD.test(wanted)) throw new GuestMistake(`${JSON.stringify(wanted.slice(0, 80))} is no method for a call`);
  const { query, headers, timeout } = record(options === undefined ? {} : JSON.parse(text(options, "the options")));
  const address = withQuery(text(url, "the URL"), query);
  if (address.length > FUNCTION_LIMITS.addressBytes) {
    throw new GuestMistake(`the URL has more than ${FUNCTION_LIMITS.addressBytes >> 10} KiB`);
  }
  const sent = body === undefined ? new Uint8Array() : bytes(body, "the body");
  if (sent.length > FUNCTION_LIMITS.httpRequestBytes) {
    throw new GuestMistake(`the body has more than ${FUNCTION_LIMITS.httpRequestBytes >> 10} KiB`);
  }
  return { method: wanted, url: address, headers: headerLines(headers), body: sent, timeoutMs: milliseconds(timeout) };
}

function withQuery(url: string, query: unknown): string {
  const [address = ""] = url.split("#", 1);
  const added = typeof query === "string" ? query : encoded(record(query));
  if (added === "") return address;
  return address + (address.includes("?") ? "&" : "?") + added;
}

function encoded(query: Readonly<Record<string, unknown>>): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) fields.append(name, plain(each, `query ${name}`));
  }
  return fields.toString();
}

function headerLines(headers: unknown): readonly (readonly [string, string])[] {
  const lines = new HeaderLines([]);
  for (const [name, value] of Object.entries(record(headers))) {
    if (/^(host|proxy-.*)$/i.test(name) || !lines.set(name, plain(value, `header ${name}`))) {
      throw new GuestMistake(`header ${name} cannot be set: the relay makes it itself`);
    }
  }
  return lines.lines;
}

/** `"5s"`, `"300ms"`, or a number of seconds. */
function milliseconds(timeout: unknown): number {
  if (timeout === undefined || timeout === null) return FUNCTION_LIMITS.httpCallMs;
  const found = /^(\d{1,6}(?:\.\d{1,6})?)(ms|s)?$/.exec(String(timeout));
  if (found === null) throw new GuestMistake('the timeout is no time such as "5s" or "300ms"');
  return Number(found[1]) * (found[2] === "ms" ? 1 : 1_000);
}

/** An empty table of Lua comes as an empty list. */
function record(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new GuestMistake("options of a call, its headers and its query are maps");
}

function plain(value: unknown, what: string): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new GuestMistake(`${what} is no text`);
}
