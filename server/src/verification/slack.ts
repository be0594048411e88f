import { onlyHeader } from "./only-header.js";
import { signedWith } from "./signed-with.js";
import { textKeys } from "./text-keys.js";
import { isTimely, parseSeconds } from "./timestamp.js";
import { ACCEPTED, EXPIRED, MALFORMED, MISMATCH, type Verify } from "./verification.js";

const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/**
 * Slack: `X-Slack-Signature: v0=` and the HMAC-SHA256 of `v0:TIMESTAMP:BODY` in hex, the time being in
 * `X-Slack-Request-Timestamp` (https://docs.slack.dev/authentication/verifying-requests-from-slack).
 */
export function slack(secrets: readonly string[], toleranceSeconds: number): Verify {
  const keys = textKeys(secrets);
  return (request, nowMs) => {
    const header = onlyHeader(request, "x-slack-signature");
    if (typeof header !== "string") return header;
    const time = onlyHeader(request, "x-slack-request-timestamp");
    if (typeof time !== "string") return time;
    const seconds = parseSeconds(time);
    if (seconds === undefined || !SIGNATURE.test(header)) return MALFORMED;
    const content = [`v0:${time}:`, request.body];
    const given = [header.slice("v0=".length)];
    if (!signedWith({ algorithm: "sha256", encoding: "hex", keys, content, given })) return MISMATCH;
    return isTimely(seconds, toleranceSeconds, nowMs) ? ACCEPTED : EXPIRED;
  };
}
