import { createHmac, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signJwt } from "./sign-jwt.js";
import { verifyJwt } from "./verify-jwt.js";

const NOW = 1_800_000_000;
const SECRET = "a secret of some length";
const RSA = pemPair("rsa");
const EC = pemPair("ec");

function pemPair(type: "rsa" | "ec") {
  const privateKeyEncoding = { type: "pkcs8", format: "pem" } as const;
  const publicKeyEncoding = { type: "spki", format: "pem" } as const;
  return type === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2_048, privateKeyEncoding, publicKeyEncoding })
    : generateKeyPairSync("ec", { namedCurve: "P-256", privateKeyEncoding, publicKeyEncoding });
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const options = (given: object | undefined) => (given === undefined ? undefined : JSON.stringify(given));

function signed(claims: object, key: string, given?: object): string {
  return signJwt([JSON.stringify(claims), key, options(given)], NOW);
}

function verified(token: string, key: string | Uint8Array, given?: object): unknown {
  return JSON.parse(verifyJwt([token, key, options(given)], NOW));
}

/** A token that is made by hand, with any header. */
function forged(header: object, claims: object, key: string): string {
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${createHmac("sha256", key).update(input).digest("base64url")}`;
}

describe("what is signed is verified", () => {
  it.each([
    [{ alg: "HS256" }, SECRET, SECRET, "HS256"],
    [{ alg: "HS384" }, SECRET, SECRET, "HS384"],
    [{ alg: "HS512" }, SECRET, SECRET, "HS512"],
    [undefined, SECRET, SECRET, "HS256"],
    [{ alg: "RS256" }, RSA.privateKey, RSA.publicKey, "RS256"],
    [undefined, RSA.privateKey, RSA.publicKey, "RS256"],
    [{ alg: "ES256" }, EC.privateKey, EC.publicKey, "ES256"],
    [undefined, EC.privateKey, EC.publicKey, "ES256"],
  ])("by %j", (given, own, other, alg) => {
    const token = signed({ sub: "Zoë" }, own, given);
    const [header = ""] = token.split(".");
    expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ alg, typ: "JWT" });
    expect(verified(token, other, given)).toEqual({ sub: "Zoë", iat: NOW });
  });

  it("with any claims", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => !["exp", "nbf", "iat", "aud"].includes(name)),
          fc.jsonValue(),
        ),
        (claims) => {
          const json = JSON.stringify(claims);
          const token = signJwt([json, SECRET, undefined], NOW);
          expect(JSON.parse(verifyJwt([token, SECRET, undefined], NOW))).toEqual({ ...JSON.parse(json), iat: NOW });
        },
      ),
    );
  });

  it("with times and more fields in the header", () => {
    const token = signed({ iat: 5 }, SECRET, { expiresIn: "10m", header: { kid: "2026" } });
    expect(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString())).toMatchObject({ kid: "2026" });
    expect(verified(token, SECRET)).toEqual({ iat: 5, exp: NOW + 600 });
    expect(verified(signed({}, SECRET, { expiresIn: 60 }), SECRET)).toEqual({ iat: NOW, exp: NOW + 60 });
  });

  it("as the example of RFC 7515, appendix A.1, is", () => {
    const key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    const token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" +
      ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
      ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const claims = verifyJwt([token, Buffer.from(key, "base64url"), '{"issuer":"joe"}'], 1_300_819_379);
    expect(JSON.parse(claims)).toMatchObject({ "http://example.com/is_root": true });
    expect(() => verified(token, Buffer.from(key, "base64url"))).toThrow("expired");
  });
});

describe("threat: tokens that are not what they seem", () => {
  const good = signed({ sub: "7" }, SECRET);
  const [header = "", payload = "", signature = ""] = good.split(".");

  it.each([
    ["none", `${part({ alg: "none" })}.${payload}.`],
    ["none with a signature", forged({ alg: "none" }, { sub: "7" }, SECRET)],
    ["None", forged({ alg: "None" }, { sub: "7" }, SECRET)],
    ["no algorithm", forged({}, { sub: "7" }, SECRET)],
    ["another algorithm", signed({ sub: "7" }, SECRET, { alg: "HS512" })],
    ["another key", signed({ sub: "7" }, "another")],
    ["a changed payload", `${header}.${part({ sub: "8" })}.${signature}`],
    ["a cut signature", `${header}.${payload}.${signature.slice(0, -4)}`],
    ["no signature", `${header}.${payload}.`],
    ["two parts", `${header}.${payload}`],
    ["four parts", `${good}.${signature}`],
    ["padding", `${good}=`],
    ["characters that count for nothing", `${header}.${payload}. ${signature}`],
    ["extensions", forged({ alg: "HS256", crit: ["exp"] }, { sub: "7" }, SECRET)],
    ["a list", forged({ alg: "HS256" }, ["7"], SECRET)],
    ["a time that is text", forged({ alg: "HS256" }, { exp: "2999-01-01" }, SECRET)],
    ["nothing", ""],
  ])("%s", (_what, token) => {
    expect(() => verified(token, SECRET)).toThrow(/^the (token|claim exp) /);
  });

  it("HS256 under a public key that everybody knows", () => {
    for (const { publicKey } of [RSA, EC]) {
      const token = forged({ alg: "HS256", typ: "JWT" }, { sub: "7" }, publicKey);
      expect(() => verified(token, publicKey)).toThrow(/^the token is not signed by [RE]S256/);
      for (const alg of ["HS256", "HS384", "HS512"]) {
        expect(() => verified(token, publicKey, { alg })).toThrow("the key is one in PEM");
        expect(() => signed({}, publicKey, { alg })).toThrow("the key is one in PEM");
      }
    }
  });

  it("expired, not yet valid, for others, of others", () => {
    const of = (claims: object, given?: object) => () => verified(signed(claims, SECRET), SECRET, given);
    expect(of({ exp: NOW })).toThrow("the token has expired");
    expect(of({ exp: NOW }, { leeway: "1s" })()).toMatchObject({ exp: NOW });
    expect(of({ nbf: NOW + 1 })).toThrow("the token is not valid yet");
    expect(of({ nbf: NOW + 1 }, { leeway: 1 })()).toMatchObject({ nbf: NOW + 1 });
    expect(of({ aud: "them" }, { audience: "us" })).toThrow("the token is for another audience");
    expect(of({}, { audience: "us" })).toThrow("the token is for another audience");
    expect(of({ aud: "us" })).toThrow("give yours as the option audience");
    expect(of({ aud: ["them", "us"] }, { audience: ["us", "you"] })()).toMatchObject({ aud: ["them", "us"] });
    expect(of({ iss: "them" }, { issuer: "us" })).toThrow("the token has another issuer");
    expect(of({}, { issuer: ["us"] })).toThrow("the token has another issuer");
    expect(of({ iss: "us" }, { issuer: ["us"] })()).toMatchObject({ iss: "us" });
  });

  it("too long, or nested without end", () => {
    expect(() => verified("a".repeat(16_385), SECRET)).toThrow("the token has more than 16 KiB");
    expect(() => signed({ long: "a".repeat(13_000) }, SECRET)).toThrow("the token would have more than 16 KiB");
    expect(() => signed({ long: "a".repeat(17_000) }, SECRET)).toThrow("the claims have more than 16 KiB");
    expect(() => verified(good, "a".repeat(16_385))).toThrow("the key has more than 16 KiB");
  });
});

describe("mistakes name what is wrong, and no key or token", () => {
  const small = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  });
  const curve = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ type: "pkcs8", format: "pem" });
  const broken = "-----BEGIN PUBLIC KEY-----\nc2VjcmV0\n-----END PUBLIC KEY-----\n";

  it.each([
    [{}, "", undefined, "the key is empty"],
    [{}, RSA.publicKey, undefined, "the key cannot sign"],
    [{}, broken, undefined, "the key cannot sign"],
    [{}, String(small), undefined, "the RSA key has 1024 bits"],
    [{}, String(curve), undefined, "neither RSA (RS256) nor on the curve P-256"],
    [{}, EC.privateKey, { alg: "RS256" }, "RS256 does not go with this key, which is one for ES256"],
    [{}, SECRET, { alg: "RS256" }, "RS256 takes a key in PEM"],
    [{}, SECRET, { alg: "none" }, "alg is none of HS256, HS384, HS512, RS256, ES256"],
    [{}, SECRET, { algorithm: "HS256" }, 'there is no option "algorithm"; there are alg'],
    [{}, SECRET, { expiresIn: "soon" }, 'expiresIn is no duration: write it as "1h30m"'],
    [{}, SECRET, { expiresIn: -1 }, "expiresIn is no duration"],
    [{}, SECRET, { header: { alg: "none" } }, "the option header cannot set alg"],
    [{ exp: 1 }, SECRET, { expiresIn: 1 }, "the claims have exp already"],
    [{ exp: "1" }, SECRET, undefined, "the claim exp is no number"],
    [["7"], SECRET, undefined, "the claims are no map"],
  ])("%j %#", (claims, key, given, told) => {
    let message = "";
    try {
      signed(claims, key, given);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain(told);
    expect(message).not.toContain(SECRET);
    expect(message).not.toMatch(/c2VjcmV0|MII|asn1|DECODER/i);
  });

  it("when a public key cannot be read", () => {
    expect(() => verified("a.b.c", broken)).toThrow(/^the key cannot be read: give a public key or a certificate/);
    expect(() => verified("a.b.c", SECRET, { audience: [] })).toThrow();
  });
});
