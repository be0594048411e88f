import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { oneChanged, signedRequest, someText } from "../../test/support/signed-request.js";
import { standardWebhooks } from "./standard-webhooks.js";
import type { Verdict } from "./verification.js";

const SENT = 1_767_225_600;
const NOW = SENT * 1000;
const TOLERANCE = 300;

// Their package asks the clock itself.
beforeEach(() => vi.useFakeTimers({ now: NOW, toFake: ["Date"] }));
afterEach(() => vi.useRealTimers());

interface Signed {
  readonly secret: string;
  readonly body: string;
  readonly id: string;
  readonly time: string;
  readonly signature: string;
}

function sign(secret: string, body: string, id = "msg_p5jXN8AQM9LWM0D4loKWxJek"): Signed {
  return { secret, body, id, time: String(SENT), signature: new Webhook(secret).sign(id, new Date(NOW), body) };
}

function headersOf(signed: Signed, family = "webhook") {
  return {
    [`${family}-id`]: signed.id,
    [`${family}-timestamp`]: signed.time,
    [`${family}-signature`]: signed.signature,
  };
}

function ask(signed: Signed, nowMs = NOW): Verdict {
  return standardWebhooks([signed.secret], TOLERANCE)(
    signedRequest({ headers: headersOf(signed), body: signed.body }),
    nowMs,
  );
}

/** What their package says. */
function theirs(signed: Signed): boolean {
  try {
    new Webhook(signed.secret).verify(signed.body, headersOf(signed), { jsonParse: false });
    return true;
  } catch {
    return false;
  }
}

const someKey = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((bytes) => `whsec_${Buffer.from(bytes).toString("base64")}`);
const someId = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);

test("published examples are right", () => {
  // The first one is in the tests of every library of the standard, the second one in the documentation of Svix:
  // https://docs.svix.com/receiving/verifying-payloads/how-manual
  const signed: Signed = {
    secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    body: '{"test": 2432232314}',
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    time: "1614265330",
    signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  expect(ask(signed, 1_614_265_330_000)).toEqual({ ok: true });
  expect(ask({ ...signed, secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }, 1_614_265_330_000)).toEqual({ ok: true });
  const svix: Signed = {
    secret: "whsec_plJ3nmyCDGBKInavdOK15jsl",
    body: '{"event_type":"ping","data":{"success":true}}',
    id: "msg_loFOjxBNrRLzqYUf",
    time: "1731705121",
    signature: "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
  };
  const request = signedRequest({ headers: headersOf(svix, "svix"), body: svix.body });
  expect(standardWebhooks([svix.secret], TOLERANCE)(request, 1_731_705_121_000)).toEqual({ ok: true });
});

test("what their package signs is right", () => {
  fc.assert(
    fc.property(someKey, someText(0), someId, (secret, body, id) => {
      const signed = sign(secret, body, id);
      expect(theirs(signed)).toBe(true);
      expect(ask(signed)).toEqual({ ok: true });
    }),
  );
});

test("threat: a byte of body, id, time, signature or secret changed: refused where their package refuses", () => {
  let refusedByThem = 0;
  const changed = fc.tuple(someKey, someText()).chain(([secret, body]) => {
    const right = sign(secret, body);
    return fc.oneof(
      oneChanged(secret).map((other) => ({ ...right, secret: other })),
      oneChanged(body).map((other) => ({ ...right, body: other })),
      oneChanged(right.id).map((other) => ({ ...right, id: other })),
      oneChanged(right.time).map((other) => ({ ...right, time: other })),
      oneChanged(right.signature).map((other) => ({ ...right, signature: other })),
    );
  });
  fc.assert(
    fc.property(changed, (signed) => {
      if (theirs(signed)) return;
      refusedByThem += 1;
      expect(ask(signed).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
  expect(refusedByThem).toBeGreaterThan(300);
});

test("several signatures: of other versions none counts, of version 1 any", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const right = sign(secret, "{}");
  const wrong = sign("whsec_plJ3nmyCDGBKInavdOK15jsl", "{}").signature;
  expect(ask({ ...right, signature: `v1a,abc ${wrong} ${right.signature}` })).toEqual({ ok: true });
  expect(ask({ ...right, signature: wrong })).toEqual({ ok: false, reason: "mismatch" });
  const asymmetric = right.signature.replace("v1,", "v1a,");
  expect(ask({ ...right, signature: asymmetric })).toEqual({ ok: false, reason: "malformed" });
});

test("threat: replay with an old time", () => {
  const signed = sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "{}");
  for (const [seconds, ok] of [
    [TOLERANCE, true],
    [TOLERANCE + 1, false],
    [-TOLERANCE, true],
    [-TOLERANCE - 1, false],
  ] as const) {
    vi.setSystemTime(NOW + seconds * 1000);
    expect(theirs(signed)).toBe(ok);
    const verdict = ask(signed, NOW + seconds * 1000);
    expect(verdict).toEqual(ok ? { ok } : { ok, reason: "expired" });
  }
});

test("threat: what was signed as a body is taken for a time", () => {
  // Somebody who may choose a body, but has no secret, has "FRESH.rest" signed long ago and moves the full stops.
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const old = new Webhook(secret).sign("msg_1", new Date(NOW - 86_400_000), `${SENT}.rest`);
  const forged: Signed = {
    secret,
    id: `msg_1.${SENT - 86_400}`,
    time: String(SENT),
    body: "rest",
    signature: old,
  };
  expect(theirs(forged)).toBe(true);
  expect(ask(forged)).toEqual({ ok: false, reason: "malformed" });
});

test("threat: fields twice, from both families, or a secret that is no key", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const right = sign(secret, "{}");
  const verdict = (headers: Record<string, string | string[]>, secrets = [secret]) =>
    standardWebhooks(secrets, TOLERANCE)(signedRequest({ headers, body: "{}" }), NOW);
  const headers = headersOf(right);
  const twice = { ...headers, "webhook-id": [right.id, right.id] };
  expect(verdict(twice)).toEqual({ ok: false, reason: "malformed" });
  const mixed = { "svix-id": right.id, "webhook-timestamp": right.time, "webhook-signature": right.signature };
  expect(verdict(mixed)).toEqual({ ok: false, reason: "missing" });
  const unkeyed = createHmac("sha256", "").update(`${right.id}.${right.time}.{}`).digest("base64");
  for (const nothing of ["", "whsec_", "whsec_!!!", "whsec_="]) {
    const signed = { ...headers, "webhook-signature": `v1,${unkeyed}` };
    expect(verdict(signed, [nothing])).toEqual({ ok: false, reason: "mismatch" });
  }
});
