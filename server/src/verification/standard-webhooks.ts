import { onlyHeader } from "./only-header.js";
import { signedWith } from "./signed-with.js";
import { isTimely, parseSeconds } from "./timestamp.js";
import { ACCEPTED, EXPIRED, MALFORMED, MISMATCH, MISSING, type SignedRequest, type Verify } from "./verification.js";

/**
 * Visible ASCII without the full stop: parts of the signed content are parted by full stops, and with one in an id a
 * sender of texts could be made to sign another time than its own.
 */
const ID = /^[\x21-\x2d\x2f-\x7e]{1,256}$/;
const SECRET = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/;

/**
 * Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md),
 * the symmetric signature `v1`: HMAC-SHA256 of `ID.TIMESTAMP.BODY` in base64, several of them parted by spaces. The key
 * is what the base64 behind `whsec_` stands for. Fields are named `webhook-...`, or `svix-...` by the scheme's forerunner.
 */
export function standardWebhooks(secrets: readonly string[], toleranceSeconds: number): Verify {
  const keys = secrets.flatMap(decodedKey);
  return (request, nowMs) => {
    const fields = signedFields(request);
    const id = onlyHeader(request, fields.id);
    if (typeof id !== "string") return id;
    const time = onlyHeader(request, fields.timestamp);
    if (typeof time !== "string") return time;
    const signature = onlyHeader(request, fields.signature);
    if (typeof signature !== "string") return signature;
    const seconds = parseSeconds(time);
    if (seconds === undefined || !ID.test(id)) return MALFORMED;
    const given: string[] = [];
    for (const item of signature.split(" ")) if (item.startsWith("v1,")) given.push(item.slice("v1,".length));
    if (given.length === 0) return MALFORMED;
    const content = [`${id}.${time}.`, request.body];
    if (!signedWith({ algorithm: "sha256", encoding: "base64", keys, content, given })) return MISMATCH;
    return isTimely(seconds, toleranceSeconds, nowMs) ? ACCEPTED : EXPIRED;
  };
}

interface Fields {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
}

const STANDARD: Fields = { id: "webhook-id", timestamp: "webhook-timestamp", signature: "webhook-signature" };
const SVIX: Fields = { id: "svix-id", timestamp: "svix-timestamp", signature: "svix-signature" };

/** One family or the other, never a mixture. */
function signedFields(request: SignedRequest): Fields {
  return onlyHeader(request, STANDARD.signature) === MISSING ? SVIX : STANDARD;
}

/** None for a text that is no base64: such a secret signs nothing. */
function decodedKey(secret: string): Buffer[] {
  const encoded = SECRET.exec(secret)?.[1];
  if (encoded === undefined) return [];
  const key = Buffer.from(encoded, "base64");
  return key.length === 0 ? [] : [key];
}
