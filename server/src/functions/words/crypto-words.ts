import { createHash, createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { GuestMistake } from "../guest-mistake.js";
import { bytes, type GuestAnswer, type GuestValue, text } from "../guest-value.js";
import { crc32 } from "./crc32.js";
import type { Word } from "./word.js";

const HASHES = ["md5", "sha1", "sha256", "sha384", "sha512"];

/** Digests and encodings. A digest is lower-case hex, or bytes when the last argument is true. */
export const CRYPTO_WORDS: Readonly<Record<string, Word>> = {
  hash: (_run, [algorithm, data, raw]) => {
    return digest(createHash(known(algorithm)).update(bytes(data, "the data")).digest(), raw);
  },
  hmac: (_run, [algorithm, data, key, raw]) => {
    const mac = createHmac(known(algorithm), bytes(key, "the key")).update(bytes(data, "the data"));
    return digest(mac.digest(), raw);
  },
  crc32: (_run, [data]) => crc32(bytes(data, "the data")).toString(16).padStart(8, "0"),
  base64Encode: (_run, [data]) => buffer(bytes(data, "the data")).toString("base64"),
  base64Decode: (_run, [data]) => fromBase64(text(data, "the data")),
  base64DecodeText: (_run, [data]) => text(fromBase64(text(data, "the data")), "the data"),
  hexEncode: (_run, [data]) => buffer(bytes(data, "the data")).toString("hex"),
  hexDecode: (_run, [data]) => {
    const given = text(data, "the data");
    if (!/^([0-9a-fA-F]{2})*$/.test(given)) throw new GuestMistake("the data is no hex");
    return Buffer.from(given, "hex");
  },
  /** From 0 to below 1. Guests have no seed of their own: all of them start in the same memory. */
  random: () => randomInt(2 ** 47) / 2 ** 47,
  /** Digests of both are compared, so that neither length nor content shows in the time. */
  equal: (_run, [left, right]) => {
    const of = (value: GuestValue) => createHash("sha256").update(bytes(value, "what to compare")).digest();
    return timingSafeEqual(of(left), of(right));
  },
};

function known(algorithm: GuestValue): string {
  const name = text(algorithm, "the algorithm").toLowerCase().replace("-", "");
  if (HASHES.includes(name)) return name;
  throw new GuestMistake(`there is no algorithm ${JSON.stringify(name.slice(0, 40))}; there are ${HASHES.join(", ")}`);
}

function digest(bytes: Buffer, raw: GuestValue): GuestAnswer {
  return raw !== undefined && text(raw, "raw") === "true" ? bytes : bytes.toString("hex");
}

/** RFC 4648: either alphabet, padded or not, with line breaks. */
function fromBase64(given: string): Uint8Array {
  const compact = given.replace(/[\r\n]+/g, "");
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) || compact.replace(/=+$/, "").length % 4 === 1) {
    throw new GuestMistake("the data is no base64");
  }
  return Buffer.from(compact, "base64");
}

function buffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.length);
}
