import { createHash, timingSafeEqual } from "node:crypto";
import { formFields } from "./form-fields.js";
import { onlyHeader } from "./only-header.js";
import { signedWith } from "./signed-with.js";
import { textKeys } from "./text-keys.js";
import { twilioUrls } from "./twilio-urls.js";
import { ACCEPTED, MALFORMED, MISMATCH, type SignedRequest, type Verify } from "./verification.js";

/** 20 bytes. */
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/;
const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const BODY_HASH = /[?&]bodySHA256=([^&#]*)/;

/** Twilio's forms have a few kilobytes; sorting more than this would cost a stranger nothing and the server a lot. */
const MAX_FORM_BYTES = 256 * 1024;

/**
 * Twilio: `X-Twilio-Signature` is the HMAC-SHA1 in base64, under the account's auth token, of the address that Twilio
 * called and the sorted names and values of the form in its body; or of the address alone, which has the body's SHA-256
 * as `bodySHA256` in its query (https://www.twilio.com/docs/usage/security#validating-requests). No time is signed.
 *
 * `url` is the input's address as Twilio has it; empty for the one that the server knows.
 */
export function twilio(secrets: readonly string[], url: string): Verify {
  const keys = textKeys(secrets);
  return (request) => {
    const header = onlyHeader(request, "x-twilio-signature");
    if (typeof header !== "string") return header;
    if (!SIGNATURE.test(header)) return MALFORMED;
    const called = `${url === "" ? request.inputUrl : url}${request.suffix}`;
    const content = signedParameters(request, called);
    if (content === undefined) return MALFORMED;
    let right = false;
    for (const spelling of twilioUrls(called)) {
      const signed = [spelling, content.text];
      if (signedWith({ algorithm: "sha1", encoding: "base64", keys, content: signed, given: [header] })) right = true;
    }
    return right && content.bodyRight ? ACCEPTED : MISMATCH;
  };
}

interface Parameters {
  /** What is signed behind the address. */
  readonly text: string;
  /** False when the address has the hash of another body. */
  readonly bodyRight: boolean;
}

/** Undefined when nothing of what Twilio signs covers the body. */
function signedParameters(request: SignedRequest, url: string): Parameters | undefined {
  const { body } = request;
  const hash = BODY_HASH.exec(url)?.[1];
  if (hash !== undefined) return { text: "", bodyRight: isHashOf(hash, body) };
  if (body.length === 0) return { text: "", bodyRight: true };
  const type = onlyHeader(request, "content-type");
  if (typeof type !== "string" || !FORM.test(type) || body.length > MAX_FORM_BYTES) return undefined;
  const fields = formFields(body);
  if (fields === undefined) return undefined;
  let text = "";
  for (const name of [...fields.keys()].sort()) {
    for (const value of [...new Set(fields.get(name))].sort()) text += name + value;
  }
  return { text, bodyRight: true };
}

function isHashOf(hash: string, body: Buffer): boolean {
  const expected = Buffer.from(createHash("sha256").update(body).digest("hex"));
  const given = Buffer.from(hash);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
