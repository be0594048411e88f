import { createHmac } from "node:crypto";
import "@shopify/shopify-api/adapters/web-api";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { oneChanged, signedRequest, someSecret, someText } from "../../test/support/signed-request.js";
import { shopify } from "./shopify.js";
import type { Verdict } from "./verification.js";

const NOW = Date.UTC(2026, 0, 1);

function sign(secret: string, body: string): string {
  return createHmac("sha256", secret).update(body).digest("base64");
}

function ask(secrets: readonly string[], body: string, signature: string | readonly string[]): Verdict {
  return shopify(secrets)(signedRequest({ headers: { "X-Shopify-Hmac-Sha256": signature }, body }), NOW);
}

/** What Shopify's package says. */
async function theirs(secret: string, body: string, signature: string): Promise<boolean> {
  const api = shopifyApi({
    apiKey: "key",
    apiSecretKey: secret,
    apiVersion: ApiVersion.July25,
    hostName: "app.example.com",
    isEmbeddedApp: false,
    logger: { log: () => undefined },
  });
  const headers = {
    "X-Shopify-Hmac-Sha256": signature,
    "X-Shopify-Topic": "orders/create",
    "X-Shopify-Shop-Domain": "shop.myshopify.com",
    "X-Shopify-API-Version": "2025-07",
    "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
  };
  const request = new Request("https://app.example.com/", { method: "POST", headers });
  return (await api.webhooks.validate({ rawBody: body, rawRequest: request })).valid;
}

test("what Shopify's package takes is right", async () => {
  await fc.assert(
    fc.asyncProperty(someSecret(), someText(), async (secret, body) => {
      const signature = sign(secret, body);
      expect(await theirs(secret, body, signature)).toBe(true);
      expect(ask([secret], body, signature)).toEqual({ ok: true });
    }),
  );
});

test("threat: a byte of body, signature or secret changed: refused where Shopify's package refuses", async () => {
  const signed = fc.tuple(someSecret(), someText()).chain(([secret, body]) => {
    const right = { secret, body, signature: sign(secret, body) };
    return fc.oneof(
      oneChanged(secret).map((changed) => ({ ...right, secret: changed })),
      oneChanged(body).map((changed) => ({ ...right, body: changed })),
      oneChanged(right.signature).map((changed) => ({ ...right, signature: changed.replace("é", "e") })),
    );
  });
  let refusedByThem = 0;
  await fc.assert(
    fc.asyncProperty(signed, async ({ secret, body, signature }) => {
      // Some changes are none to them: white space around the field, or what stands behind a comma in it.
      if (secret !== "" && (await theirs(secret, body, signature))) return;
      refusedByThem += 1;
      expect(ask([secret], body, signature).ok).toBe(false);
    }),
    { numRuns: 300 },
  );
  expect(refusedByThem).toBeGreaterThan(200);
});

test("threat: another spelling of the same bytes is no signature", () => {
  const right = sign("s", "{}");
  // The last character before the padding has two bits that mean nothing.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = alphabet.indexOf(right.charAt(42));
  const other = `${right.slice(0, 42)}${alphabet.charAt(last ^ 1)}=`;
  expect(Buffer.from(other, "base64")).toEqual(Buffer.from(right, "base64"));
  expect(ask(["s"], "{}", other)).toEqual({ ok: false, reason: "mismatch" });
  expect(ask(["s"], "{}", right.slice(0, 43))).toEqual({ ok: false, reason: "malformed" });
});

test("threat: no signature, two of them, or one under an empty secret", () => {
  expect(shopify(["s"])(signedRequest({ headers: {}, body: "{}" }), NOW)).toEqual({ ok: false, reason: "missing" });
  expect(ask(["s"], "{}", [sign("s", "{}"), sign("s", "{}")])).toEqual({ ok: false, reason: "malformed" });
  expect(ask([""], "{}", sign("", "{}"))).toEqual({ ok: false, reason: "mismatch" });
});
