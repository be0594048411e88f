import { createHmac } from "node:crypto";
import { sign, verify } from "@octokit/webhooks-methods";
import fc from "fast-check";
import { expect, test } from "vitest";
import { oneChanged, signedRequest, someSecret, someText } from "../../test/support/signed-request.js";
import { github } from "./github.js";
import type { Verdict } from "./verification.js";

const NOW = Date.UTC(2026, 0, 1);

function ask(secrets: readonly string[], body: string, signature: string | readonly string[]): Verdict {
  return github(secrets)(signedRequest({ headers: { "X-Hub-Signature-256": signature }, body }), NOW);
}

test("the example of GitHub's documentation is right", () => {
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
  const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  expect(ask(["It's a Secret to Everybody"], "Hello, World!", signature)).toEqual({ ok: true });
  expect(ask(["It's a Secret to Everybody"], "Hello, World?", signature)).toEqual({ ok: false, reason: "mismatch" });
});

test("what GitHub's package signs is right", async () => {
  await fc.assert(
    fc.asyncProperty(someSecret(), someText(), async (secret, body) => {
      expect(ask([secret], body, await sign(secret, body))).toEqual({ ok: true });
    }),
  );
});

test("threat: a byte of body, signature or secret changed: refused where GitHub's package refuses", async () => {
  const signed = fc.tuple(someSecret(), someText()).chain(([secret, body]) => {
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const right = { secret, body, signature };
    return fc.oneof(
      oneChanged(secret).map((changed) => ({ ...right, secret: changed })),
      oneChanged(body).map((changed) => ({ ...right, body: changed })),
      oneChanged(signature).map((changed) => ({ ...right, signature: changed })),
    );
  });
  await fc.assert(
    fc.asyncProperty(signed, async ({ secret, body, signature }) => {
      const theirs = secret !== "" && body !== "" && (await verify(secret, body, signature));
      expect(theirs).toBe(false);
      expect(ask([secret], body, signature).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("bodies that are no text are signed byte by byte", () => {
  const body = Buffer.from([0x00, 0xff, 0xfe, 0x80]);
  const signature = `sha256=${createHmac("sha256", "s").update(body).digest("hex")}`;
  const headers = { "x-hub-signature-256": signature };
  expect(github(["s"])(signedRequest({ headers, body }), NOW)).toEqual({ ok: true });
  const other = Buffer.from([0x00, 0xff, 0xfd, 0x80]);
  expect(github(["s"])(signedRequest({ headers, body: other }), NOW)).toEqual({ ok: false, reason: "mismatch" });
});

test("threat: SHA-1 opens nothing, neither as another algorithm nor as the older field", () => {
  const sha1 = `sha1=${createHmac("sha1", "s").update("{}").digest("hex")}`;
  expect(ask(["s"], "{}", sha1)).toEqual({ ok: false, reason: "malformed" });
  const older = signedRequest({ headers: { "X-Hub-Signature": sha1 }, body: "{}" });
  expect(github(["s"])(older, NOW)).toEqual({ ok: false, reason: "missing" });
});

test("threat: an empty secret is no key", () => {
  const signature = `sha256=${createHmac("sha256", "").update("{}").digest("hex")}`;
  expect(ask([""], "{}", signature)).toEqual({ ok: false, reason: "mismatch" });
  expect(ask([], "{}", signature)).toEqual({ ok: false, reason: "mismatch" });
});

test("threat: two signatures are none, though one of them is right", () => {
  const right = `sha256=${createHmac("sha256", "s").update("{}").digest("hex")}`;
  expect(ask(["s"], "{}", [right, right])).toEqual({ ok: false, reason: "malformed" });
  expect(ask(["s"], "{}", [right, "sha256=00"])).toEqual({ ok: false, reason: "malformed" });
  expect(ask(["s"], "{}", `${right}, ${right}`)).toEqual({ ok: false, reason: "malformed" });
});

test("while a secret is changed, both are good", async () => {
  expect(ask(["new", "old"], "{}", await sign("old", "{}"))).toEqual({ ok: true });
  expect(ask(["new", "old"], "{}", await sign("new", "{}"))).toEqual({ ok: true });
  expect(ask(["new"], "{}", await sign("old", "{}"))).toEqual({ ok: false, reason: "mismatch" });
});
