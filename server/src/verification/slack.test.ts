import { createHmac } from "node:crypto";
import { verifySlackRequest } from "@slack/bolt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { oneChanged, signedRequest, someSecret, someText } from "../../test/support/signed-request.js";
import { slack } from "./slack.js";
import type { Verdict } from "./verification.js";

const SENT = 1_767_225_600;
const NOW = SENT * 1000;
const TOLERANCE = 300;

interface Signed {
  readonly secret: string;
  readonly body: string;
  readonly time: string;
  readonly signature: string;
}

function sign(secret: string, body: string, time = String(SENT)): Signed {
  const hash = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
  return { secret, body, time, signature: `v0=${hash}` };
}

function ask(signed: Signed, nowMs = NOW): Verdict {
  const headers = { "X-Slack-Signature": signed.signature, "X-Slack-Request-Timestamp": signed.time };
  return slack([signed.secret], TOLERANCE)(signedRequest({ headers, body: signed.body }), nowMs);
}

/** What Slack's package says. */
function theirs(signed: Signed, nowMs = NOW): boolean {
  try {
    verifySlackRequest({
      signingSecret: signed.secret,
      body: signed.body,
      headers: { "x-slack-signature": signed.signature, "x-slack-request-timestamp": Number(signed.time) },
      nowMilliseconds: nowMs,
    });
    return true;
  } catch {
    return false;
  }
}

test("the example of Slack's documentation is right", () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  const body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
    "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
    "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121." +
    "803a0bc887a14d10d2c447fce8b6703c";
  const signed: Signed = {
    secret: "8f742231b10e8888abcd99yyyzzz85a5",
    body,
    time: "1531420618",
    signature: "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
  };
  expect(ask(signed, 1_531_420_618_000)).toEqual({ ok: true });
  expect(ask(signed)).toEqual({ ok: false, reason: "expired" });
});

test("what Slack's package takes is right", () => {
  fc.assert(
    fc.property(someSecret(), someText(0), fc.integer({ min: -TOLERANCE, max: TOLERANCE }), (secret, body, ahead) => {
      const signed = sign(secret, body, String(SENT + ahead));
      expect(theirs(signed)).toBe(true);
      expect(ask(signed)).toEqual({ ok: true });
    }),
  );
});

test("threat: a byte of body, signature, time or secret changed: refused where Slack's package refuses", () => {
  const changed = fc.tuple(someSecret(), someText()).chain(([secret, body]) => {
    const right = sign(secret, body);
    return fc.oneof(
      oneChanged(secret).map((other) => ({ ...right, secret: other })),
      oneChanged(body).map((other) => ({ ...right, body: other })),
      oneChanged(right.time).map((other) => ({ ...right, time: other })),
      oneChanged(right.signature).map((other) => ({ ...right, signature: other })),
    );
  });
  fc.assert(
    fc.property(changed, (signed) => {
      expect(ask(signed).ok).toBe(false);
      // Its number drops zeros and white space around the time, and what stands behind a second "=".
      if (String(Number(signed.time)) === signed.time && signed.signature.split("=").length === 2) {
        expect(theirs(signed)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});

test("threat: replay with an old time is refused after the tolerance, and so is one dated ahead", () => {
  const signed = sign("s", "{}");
  expect(ask(signed, NOW + TOLERANCE * 1000)).toEqual({ ok: true });
  expect(ask(signed, NOW + (TOLERANCE + 1) * 1000)).toEqual({ ok: false, reason: "expired" });
  expect(theirs(signed, NOW + (TOLERANCE + 1) * 1000)).toBe(false);
  expect(ask(signed, NOW - (TOLERANCE + 1) * 1000)).toEqual({ ok: false, reason: "expired" });
});

test("threat: a fresh time on an old signature", () => {
  const later = { ...sign("s", "{}"), time: String(SENT + 1000) };
  expect(ask(later, (SENT + 1000) * 1000)).toEqual({ ok: false, reason: "mismatch" });
});

test("threat: a field missing, twice, or of another version", () => {
  const { signature, time } = sign("s", "{}");
  const verdict = (headers: Record<string, string | string[]>) =>
    slack(["s"], TOLERANCE)(signedRequest({ headers, body: "{}" }), NOW);
  expect(verdict({ "x-slack-signature": signature })).toEqual({ ok: false, reason: "missing" });
  expect(verdict({ "x-slack-request-timestamp": time })).toEqual({ ok: false, reason: "missing" });
  const twice = { "x-slack-signature": signature, "x-slack-request-timestamp": [time, time] };
  expect(verdict(twice)).toEqual({ ok: false, reason: "malformed" });
  const other = { "x-slack-signature": signature.replace("v0", "v1"), "x-slack-request-timestamp": time };
  expect(verdict(other)).toEqual({ ok: false, reason: "malformed" });
  const none = sign("", "{}");
  expect(ask(none)).toEqual({ ok: false, reason: "mismatch" });
});
