import fc from "fast-check";
import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { decodedText, payloadFor, sourceOf } from "./function-payload.js";

const from = (headers: Record<string, string>) => ({ headers }) as unknown as FastifyRequest;

test("what was written in base64 is read back the same by those who expect it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (source) => {
      fc.pre(decodedText(Buffer.from(source).toString("base64")) !== undefined);
      const written = Buffer.from(source).toString("base64");
      expect(payloadFor(sourceOf(written, from({})), from({ "user-agent": "Go-http-client/1.1" }))).toBe(written);
      expect(sourceOf(written, from({}))).toBe(source);
    }),
  );
});

test("source in clear stays what it is", () => {
  for (const source of ["r.setBody('x')", "return", "text", "abcd1234", "local x = 1\n", "", "r.stopForwarding()"]) {
    expect(sourceOf(source, from({}))).toBe(source);
  }
});

test("our own clients are taken at their word", () => {
  const base64 = Buffer.from("console.log(1)").toString("base64");
  expect(sourceOf(base64, from({ "relay-managed-by": "terraform" }))).toBe(base64);
});

test.each([
  ["Go-http-client/1.1", true],
  ["webhookrelay-go/0.5.2", true],
  ["webhookrelay-go/v0.3.1", true],
  ["webhookrelay-go/0.5.3", false],
  ["webhookrelay-go/1.0.0", false],
  ["webhookrelay-go", false],
  ["node", false],
  ["", false],
])("%s reads base64: %s", (agent, base64) => {
  expect(payloadFor("x = 1", from({ "user-agent": agent }))).toBe(base64 ? "eCA9IDE=" : "x = 1");
});
