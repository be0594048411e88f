import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { GuestMistake } from "../guest-mistake.js";
import { bytes, type GuestValue } from "../guest-value.js";

const HMACS: Readonly<Record<string, string>> = { HS256: "sha256", HS384: "sha384", HS512: "sha512" };
export const JWT_ALGORITHMS = [...Object.keys(HMACS), "RS256", "ES256"] as const;

/** Longest key, in bytes; larger moduli would take the time of others. */
const MAX_KEY = 16 << 10;
const RSA_BITS = { least: 2_048, most: 8_192 } as const;

/** A key with the one algorithm that it is used with: what a token says of itself never chooses it. */
export interface JwtKey {
  readonly alg: string;
  sign(input: string): Buffer;
  verify(input: string, signature: Uint8Array): boolean;
}

/**
 * The key for `alg` or, without one, for the algorithm that follows from it: RS256 and ES256 from a PEM key, HS256 from any other
 * text. RFC 7518, sections 3.2 to 3.4. No message quotes the key.
 */
export function jwtKey(given: GuestValue, alg: string | undefined, use: "sign" | "verify"): JwtKey {
  const key = Buffer.from(bytes(given, "the key"));
  if (key.length === 0) throw new GuestMistake("the key is empty");
  if (key.length > MAX_KEY) throw new GuestMistake(`the key has more than ${MAX_KEY >> 10} KiB`);
  if (alg !== undefined && !JWT_ALGORITHMS.includes(alg)) {
    throw new GuestMistake(`the option alg is none of ${JWT_ALGORITHMS.join(", ")}`);
  }
  const hash = HMACS[alg ?? "HS256"];
  const isPem = key.includes("-----BEGIN ");
  if (alg === undefined ? !isPem : hash !== undefined) {
    // A public key is known to everybody: as a secret it would let anybody sign.
    if (isPem)
      throw new GuestMistake(`the key is one in PEM, and ${alg} takes a secret: leave alg out, or give RS256 or ES256`);
    return secretKey(key, { alg: alg ?? "HS256", hash: hash ?? "sha256" });
  }
  if (!isPem) throw new GuestMistake(`${alg} takes a key in PEM, such as "-----BEGIN PUBLIC KEY-----…"`);
  return pairKey(readPem(key, use), alg);
}

function secretKey(secret: Buffer, { alg, hash }: { readonly alg: string; readonly hash: string }): JwtKey {
  const mac = (input: string) => createHmac(hash, secret).update(input).digest();
  return {
    alg,
    sign: mac,
    verify: (input, signature) => {
      const expected = mac(input);
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    },
  };
}

function pairKey(key: KeyObject, alg: string | undefined): JwtKey {
  const found = algorithmOf(key);
  if (alg !== undefined && alg !== found)
    throw new GuestMistake(`${alg} does not go with this key, which is one for ${found}`);
  const options =
    found === "RS256" ? { key, padding: constants.RSA_PKCS1_PADDING } : { key, dsaEncoding: "ieee-p1363" as const };
  return {
    alg: found,
    sign: (input) => sign("sha256", Buffer.from(input), options),
    verify: (input, signature) => verify("sha256", Buffer.from(input), options, signature),
  };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): "RS256" | "ES256" {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "ec" && namedCurve === "prime256v1") return "ES256";
  if (asymmetricKeyType !== "rsa")
    throw new GuestMistake("the key is neither RSA (RS256) nor on the curve P-256 (ES256)");
  if (modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most) return "RS256";
  throw new GuestMistake(`the RSA key has ${modulusLength} bits: it must have ${RSA_BITS.least} to ${RSA_BITS.most}`);
}

function readPem(key: Buffer, use: "sign" | "verify"): KeyObject {
  try {
    return use === "sign" ? createPrivateKey(key) : createPublicKey(key);
  } catch {
    throw new GuestMistake(
      use === "sign"
        ? 'the key cannot sign: give a private key in PEM without a passphrase, "-----BEGIN PRIVATE KEY-----…"'
        : 'the key cannot be read: give a public key or a certificate in PEM, "-----BEGIN PUBLIC KEY-----…"',
    );
  }
}
