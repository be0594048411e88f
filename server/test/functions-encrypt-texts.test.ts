import { createDecipheriv, createHash } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { FunctionRunner } from "../src/functions/function-runner.js";
import { bodyOf, functionCall } from "./support/function-call.js";

const runner = new FunctionRunner({ workers: 1, deadlineMs: 10_000 });
afterAll(() => runner.stop());

const ENCRYPT = {
  js: "r.setBody(crypto.encrypt(r.bodyBytes, cfg.get('KEY')))",
  lua: "r:SetRequestBody(require('crypto').encrypt(r.RequestBody, cfg:GetValue('KEY')))",
};
const DECRYPT = {
  js: "r.setBody(crypto.decryptBytes(r.body, cfg.get('KEY')))",
  lua: "r:SetRequestBody(require('crypto').decrypt(r.RequestBody, cfg:GetValue('KEY')))",
};
const variables = { KEY: "a secret of some length" };
const DATA = Buffer.from([0xff, 0x00, 0x5a, 0xc3, 0xab]);

async function run(driver: "js" | "lua", source: string, body: Uint8Array, own = variables) {
  return runner.run(functionCall(source, { driver, variables: own, request: { body } }));
}

it.each([
  ["js", "lua"],
  ["lua", "js"],
] as const)("what %s encrypts, %s decrypts, in the form that the docs tell of", async (one, other) => {
  const sealed = bodyOf(await run(one, ENCRYPT[one], DATA));
  const raw = Buffer.from(sealed, "base64");
  expect(raw.toString("base64")).toBe(sealed);
  expect(raw).toHaveLength(12 + DATA.length + 16);
  const key = createHash("sha256").update(variables.KEY).digest();
  const decipher = createDecipheriv("aes-256-gcm", key, raw.subarray(0, 12)).setAuthTag(raw.subarray(-16));
  expect(Buffer.concat([decipher.update(raw.subarray(12, -16)), decipher.final()])).toEqual(DATA);
  const opened = await run(other, DECRYPT[other], Buffer.from(sealed));
  expect(opened.kind === "done" && Buffer.from(opened.request.body).equals(DATA)).toBe(true);
  // Another nonce each time.
  expect(bodyOf(await run(one, ENCRYPT[one], DATA))).not.toBe(sealed);
});

it("text comes back as text", async () => {
  const source = "r.setBody(crypto.decrypt(crypto.encrypt('Zoë', 'k'), 'k'))";
  expect(bodyOf(await run("js", source, DATA))).toBe("Zoë");
});

it.each(["js", "lua"] as const)(
  "threat: what was changed, cut, or has another key is an error (%s)",
  async (driver) => {
    const sealed = bodyOf(await run(driver, ENCRYPT[driver], DATA));
    const raw = Buffer.from(sealed, "base64");
    const flipped = Buffer.from(raw);
    flipped[13] = (flipped[13] ?? 0) ^ 1;
    for (const changed of [flipped, raw.subarray(0, -1), raw.subarray(0, 20), Buffer.alloc(0)]) {
      const result = await run(driver, DECRYPT[driver], Buffer.from(changed.toString("base64")));
      expect(result).toMatchObject({ kind: "failed", message: expect.stringContaining("cannot be decrypted") });
    }
    const other = await run(driver, DECRYPT[driver], Buffer.from(sealed), { KEY: "another" });
    expect(other).toMatchObject({ kind: "failed", message: expect.stringContaining("cannot be decrypted") });
    expect(await run(driver, ENCRYPT[driver], DATA, { KEY: "" })).toMatchObject({ kind: "failed" });
  },
);
