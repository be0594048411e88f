import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SealBrokenError } from "./sealer.js";
import { settingSealer } from "./setting-sealer.js";

const sealer = settingSealer(randomBytes(32));

test("any text comes back as it went", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "grapheme" }), (context, secret) => {
      expect(sealer.open(context, sealer.seal(context, secret))).toBe(secret);
    }),
  );
});

test("threat: a sealed secret that is moved to another object opens nothing", () => {
  const sealed = sealer.seal("output 1 signing.secret", "s3cret");
  expect(() => sealer.open("output 2 signing.secret", sealed)).toThrow(SealBrokenError);
  expect(() => settingSealer(randomBytes(32)).open("output 1 signing.secret", sealed)).toThrow(SealBrokenError);
});

test("threat: a changed byte is noticed", () => {
  const bytes = Buffer.from(sealer.seal("a", "s3cret"), "base64");
  for (let i = 0; i < bytes.length; i += 1) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] ?? 0) ^ 1;
    expect(() => sealer.open("a", changed.toString("base64"))).toThrow(SealBrokenError);
  }
  expect(() => sealer.open("a", "AAAA")).toThrow("cut short");
});

test("the same secret never looks the same twice", () => {
  expect(sealer.seal("a", "x")).not.toBe(sealer.seal("a", "x"));
});
