import { onlyHeader } from "./only-header.js";
import { type Algorithm, type Encoding, signedWith } from "./signed-with.js";
import { textKeys } from "./text-keys.js";
import { isTimely } from "./timestamp.js";
import { ACCEPTED, EXPIRED, MALFORMED, MISMATCH, type Verify } from "./verification.js";

/** How a sender signs that has a scheme of its own. */
export interface HmacScheme {
  readonly algorithm: Algorithm;
  readonly encoding: Encoding;
  /** Name of the field with the signature. */
  readonly header: string;
  /** What stands before the signature, such as `sha256=`. */
  readonly prefix: string;
  /** Name of the field with the time in Unix seconds or milliseconds; empty when there is none. */
  readonly timestampHeader: string;
  /** What is signed: a text with `{body}` once, and `{timestamp}` once where there is a time. */
  readonly signedContent: string;
}

/** Unix seconds or, with 13 digits (from the year 2001 to 2286), milliseconds. */
const TIME = /^(?:[0-9]{1,11}|[0-9]{13})$/;

const SIGNATURES = { hex: /^[0-9a-f]+$/, base64: /^[A-Za-z0-9+/]+={0,2}$/ } as const;

/** HMAC (RFC 2104) over the body, or over a text that has body and time in it; as the sender's documentation has it. */
export function hmac(secrets: readonly string[], toleranceSeconds: number, scheme: HmacScheme): Verify {
  const keys = textKeys(secrets);
  const { algorithm, encoding, prefix } = scheme;
  const header = scheme.header.toLowerCase();
  const timestampHeader = scheme.timestampHeader.toLowerCase();
  return (request, nowMs) => {
    const value = onlyHeader(request, header);
    if (typeof value !== "string") return value;
    const time = timestampHeader === "" ? "" : onlyHeader(request, timestampHeader);
    if (typeof time !== "string") return time;
    if (timestampHeader !== "" && !TIME.test(time)) return MALFORMED;
    if (!value.startsWith(prefix)) return MALFORMED;
    const signature = spelling(value.slice(prefix.length), encoding);
    if (!SIGNATURES[encoding].test(signature)) return MALFORMED;
    const content = signedContent(scheme.signedContent, time, request.body);
    if (!signedWith({ algorithm, encoding, keys, content, given: [signature] })) return MISMATCH;
    if (timestampHeader === "") return ACCEPTED;
    const seconds = time.length === 13 ? Math.floor(Number(time) / 1000) : Number(time);
    return isTimely(seconds, toleranceSeconds, nowMs) ? ACCEPTED : EXPIRED;
  };
}

/** Senders write hex in either case. */
function spelling(signature: string, encoding: Encoding): string {
  return encoding === "hex" ? signature.toLowerCase() : signature;
}

/** The placeholders are looked for in the configured text alone, never in what stands for them. */
function signedContent(template: string, time: string, body: Buffer): (string | Buffer)[] {
  return template.split(/(\{body\}|\{timestamp\})/).map((part) => {
    if (part === "{body}") return body;
    return part === "{timestamp}" ? time : part;
  });
}
