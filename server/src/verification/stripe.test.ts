import { createHmac } from "node:crypto";
import fc from "fast-check";
import Stripe from "stripe";
import { expect, test } from "vitest";
import { oneChanged, signedRequest, someSecret, someText } from "../../test/support/signed-request.js";
import { stripe } from "./stripe.js";
import type { Verdict } from "./verification.js";

const SENT = 1_767_225_600;
const NOW = SENT * 1000;
const TOLERANCE = 300;

const { webhooks } = new Stripe("sk_test_none");

interface Signed {
  readonly secret: string;
  readonly body: string;
  readonly header: string;
}

function sign(secret: string, body: string): Signed {
  return { secret, body, header: webhooks.generateTestHeaderString({ payload: body, secret, timestamp: SENT }) };
}

function ask(signed: { secret: string | string[]; body: string; header: string | string[] }, nowMs = NOW): Verdict {
  const request = signedRequest({ headers: { "Stripe-Signature": signed.header }, body: signed.body });
  return stripe([signed.secret].flat(), TOLERANCE)(request, nowMs);
}

/** What Stripe's package says. */
function theirs(signed: Signed, nowMs = NOW): boolean {
  try {
    const { body, header, secret } = signed;
    return webhooks.signature?.verifyHeader(body, header, secret, TOLERANCE, undefined, nowMs) ?? false;
  } catch {
    return false;
  }
}

test("what Stripe's package signs is right", () => {
  fc.assert(
    fc.property(someSecret(), someText(), (secret, body) => {
      const signed = sign(secret, body);
      expect(theirs(signed)).toBe(true);
      expect(ask(signed)).toEqual({ ok: true });
    }),
  );
});

test("threat: a byte of body, header or secret changed: refused where Stripe's package refuses", () => {
  let refusedByThem = 0;
  const changed = fc.tuple(someSecret(), someText()).chain(([secret, body]) => {
    const right = sign(secret, body);
    return fc.oneof(
      oneChanged(secret).map((other) => ({ ...right, secret: other })),
      oneChanged(body).map((other) => ({ ...right, body: other })),
      oneChanged(right.header).map((header) => ({ ...right, header })),
    );
  });
  fc.assert(
    fc.property(changed, (signed) => {
      // Some changes are none: what is put behind a second comma is no part of a signature.
      if (theirs(signed)) return;
      refusedByThem += 1;
      expect(ask(signed).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
  expect(refusedByThem).toBeGreaterThan(300);
});

test("while Stripe rolls a secret it signs with both, and either is enough", () => {
  const old = sign("whsec_old", "{}").header;
  const both = `${old},v1=${createHmac("sha256", "whsec_new").update(`${SENT}.{}`).digest("hex")}`;
  expect(ask({ secret: "whsec_old", body: "{}", header: both })).toEqual({ ok: true });
  expect(ask({ secret: "whsec_new", body: "{}", header: both })).toEqual({ ok: true });
  expect(ask({ secret: "whsec_x", body: "{}", header: both })).toEqual({ ok: false, reason: "mismatch" });
  expect(ask({ secret: ["whsec_x", "whsec_old"], body: "{}", header: old })).toEqual({ ok: true });
});

test("threat: replay with an old time", () => {
  const signed = sign("s", "{}");
  expect(ask(signed, NOW + TOLERANCE * 1000)).toEqual({ ok: true });
  expect(ask(signed, NOW + (TOLERANCE + 1) * 1000)).toEqual({ ok: false, reason: "expired" });
  expect(theirs(signed, NOW + (TOLERANCE + 1) * 1000)).toBe(false);
  expect(ask(signed, NOW - (TOLERANCE + 1) * 1000)).toEqual({ ok: false, reason: "expired" });
});

test("threat: a weaker scheme, two times, or an empty secret", () => {
  const { header } = sign("s", "{}");
  const malformed = { ok: false, reason: "malformed" };
  expect(ask({ secret: "s", body: "{}", header: header.replace("v1=", "v0=") })).toEqual(malformed);
  expect(ask({ secret: "s", body: "{}", header: `t=${SENT + 9999},${header}` })).toEqual(malformed);
  expect(ask({ secret: "s", body: "{}", header: [header, header] })).toEqual(malformed);
  expect(ask({ secret: "s", body: "{}", header: header.replace(`t=${SENT},`, "") })).toEqual(malformed);
  const unkeyed = `t=${SENT},v1=${createHmac("sha256", "").update(`${SENT}.{}`).digest("hex")}`;
  expect(ask({ secret: "", body: "{}", header: unkeyed })).toEqual({ ok: false, reason: "mismatch" });
});
