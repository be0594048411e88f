import fc from "fast-check";
import { expect, it } from "vitest";
import { parseCredentials } from "./basic-credentials.js";

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

it("reads every user name without a colon and every password", () => {
  const name = fc.string({ unit: "binary" }).filter((text) => !text.includes(":"));
  const password = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(name, password, (username, secret) => {
      expect(parseCredentials(basic(`${username}:${secret}`))).toEqual({ kind: "basic", username, password: secret });
    }),
  );
});

it("reads bearer tokens; the scheme's case does not matter", () => {
  expect(parseCredentials("bearer abc.def")).toEqual({ kind: "bearer", token: "abc.def" });
  expect(parseCredentials(basic("a:b").replace("Basic", "BASIC"))).toMatchObject({ kind: "basic", username: "a" });
});

it.each(["", "Basic", "Basic ", "Basic !!!", "Digest abc", basic("no colon"), "Bearer  ", `Basic ${"A".repeat(5000)}`])(
  "calls %j malformed",
  (header) => expect(parseCredentials(header)).toEqual({ kind: "malformed" }),
);

it("tells an absent header from a malformed one", () => {
  expect(parseCredentials(undefined)).toEqual({ kind: "none" });
});

it("never throws", () => {
  fc.assert(fc.property(fc.string(), (header) => parseCredentials(header) !== undefined));
});
