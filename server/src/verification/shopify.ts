import { onlyHeader } from "./only-header.js";
import { signedWith } from "./signed-with.js";
import { textKeys } from "./text-keys.js";
import { ACCEPTED, MALFORMED, MISMATCH, type Verify } from "./verification.js";

/** 32 bytes. */
const SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Shopify: `X-Shopify-Hmac-Sha256` is the HMAC-SHA256 of the body in base64, under the app's client secret
 * (https://shopify.dev/docs/apps/build/webhooks/subscribe/https). No time is signed: a copy stays good until the secret
 * changes.
 */
export function shopify(secrets: readonly string[]): Verify {
  const keys = textKeys(secrets);
  return (request) => {
    const header = onlyHeader(request, "x-shopify-hmac-sha256");
    if (typeof header !== "string") return header;
    if (!SIGNATURE.test(header)) return MALFORMED;
    const { body } = request;
    const right = signedWith({ algorithm: "sha256", encoding: "base64", keys, content: [body], given: [header] });
    return right ? ACCEPTED : MISMATCH;
  };
}
