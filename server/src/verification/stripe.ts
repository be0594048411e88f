import { onlyHeader } from "./only-header.js";
import { signedWith } from "./signed-with.js";
import { textKeys } from "./text-keys.js";
import { isTimely, parseSeconds } from "./timestamp.js";
import { ACCEPTED, EXPIRED, MALFORMED, MISMATCH, type Verify } from "./verification.js";

/**
 * Stripe: `Stripe-Signature: t=TIMESTAMP,v1=SIGNATURE`, the signature being the HMAC-SHA256 of `TIMESTAMP.BODY` in hex
 * (https://docs.stripe.com/webhooks/signature). While a secret is rolled Stripe sends a `v1` for each; other schemes
 * (`v0` of test events) are passed over. The whole secret is the key, `whsec_` included.
 */
export function stripe(secrets: readonly string[], toleranceSeconds: number): Verify {
  const keys = textKeys(secrets);
  return (request, nowMs) => {
    const header = onlyHeader(request, "stripe-signature");
    if (typeof header !== "string") return header;
    const parts = parseHeader(header);
    if (parts === undefined) return MALFORMED;
    const content = [`${parts.time}.`, request.body];
    const { signatures } = parts;
    if (!signedWith({ algorithm: "sha256", encoding: "hex", keys, content, given: signatures })) return MISMATCH;
    return isTimely(parts.seconds, toleranceSeconds, nowMs) ? ACCEPTED : EXPIRED;
  };
}

interface Parts {
  /** As it is written, because so it was signed. */
  readonly time: string;
  readonly seconds: number;
  readonly signatures: readonly string[];
}

function parseHeader(header: string): Parts | undefined {
  let time: string | undefined;
  const signatures: string[] = [];
  for (const item of header.split(",")) {
    const equals = item.indexOf("=");
    const name = item.slice(0, Math.max(0, equals));
    const value = item.slice(equals + 1);
    if (name === "v1") signatures.push(value);
    if (name !== "t") continue;
    if (time !== undefined) return undefined;
    time = value;
  }
  const seconds = parseSeconds(time ?? "");
  if (time === undefined || seconds === undefined || signatures.length === 0) return undefined;
  return { time, seconds, signatures };
}
