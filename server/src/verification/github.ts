import { onlyHeader } from "./only-header.js";
import { signedWith } from "./signed-with.js";
import { textKeys } from "./text-keys.js";
import { ACCEPTED, MALFORMED, MISMATCH, type Verify } from "./verification.js";

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

/**
 * GitHub: `X-Hub-Signature-256: sha256=` and the HMAC-SHA256 of the body in hex
 * (https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries). The older `X-Hub-Signature` with
 * SHA-1 is not looked at. No time is signed: a copy stays good until the secret changes.
 */
export function github(secrets: readonly string[]): Verify {
  const keys = textKeys(secrets);
  return (request) => {
    const header = onlyHeader(request, "x-hub-signature-256");
    if (typeof header !== "string") return header;
    if (!SIGNATURE.test(header)) return MALFORMED;
    const given = [header.slice("sha256=".length)];
    const right = signedWith({ algorithm: "sha256", encoding: "hex", keys, content: [request.body], given });
    return right ? ACCEPTED : MISMATCH;
  };
}
