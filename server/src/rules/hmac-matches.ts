import { timingSafeEqual } from "node:crypto";

/**
 * True when one of the signatures in a field is this hash in hex: alone, behind the algorithm's name (`sha256=...`), or one of
 * several separated by commas. Compared in constant time.
 */
export function hmacMatches(value: string, algorithm: string, hash: Buffer): boolean {
  const hexLength = hash.length * 2;
  let found = false;
  for (const part of value.split(",")) {
    const text = part.trim();
    const hex = text.startsWith(`${algorithm}=`) ? text.slice(algorithm.length + 1) : text;
    if (hex.length !== hexLength || !/^[0-9a-f]+$/i.test(hex)) continue;
    if (timingSafeEqual(Buffer.from(hex, "hex"), hash)) found = true;
  }
  return found;
}
