import { randomFillSync } from "node:crypto";

/**
 * UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, an 18-bit counter within the millisecond (method 1
 * of section 6.2, seeded at random), so that ids of one process grow, and 56 random bits.
 */
export type Uuid = string;

const pool = Buffer.allocUnsafe(4096);
let poolAt = pool.length;
let lastMs = 0;
let counter = 0;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A new id of 16 bytes, greater than the one before from this process. `nowMs` is Unix milliseconds. */
export function newId(nowMs: number): Buffer {
  const id = Buffer.allocUnsafe(16);
  if (poolAt + 10 > pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  pool.copy(id, 6, poolAt, poolAt + 10);
  poolAt += 10;
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = id.readUInt16BE(6) & 0x7ff;
  } else {
    counter += 1;
    if (counter > 0x3ffff) {
      lastMs += 1;
      counter = 0;
    }
  }
  id.writeUIntBE(lastMs, 0, 6);
  // 18 bits of counter: 12 behind the version, 6 behind the variant.
  id.writeUInt16BE(0x7000 | (counter >> 6), 6);
  id[8] = 0x80 | (counter & 0x3f);
  return id;
}

/** The canonical lower-case text of 16 bytes. */
export function idText(id: Uint8Array): Uuid {
  let text = "";
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += HEX[id[i] ?? 0];
  }
  return text;
}

/** The 16 bytes of a canonical UUID. */
export function idBytes(text: Uuid): Buffer {
  return Buffer.from(text.replaceAll("-", ""), "hex");
}

/** Unix milliseconds in which a version 7 id was made. */
export function idTime(text: Uuid): number {
  return Number.parseInt(text.slice(0, 8) + text.slice(9, 13), 16);
}

/** The smallest version 7 id of a millisecond: ranges of time as ranges of ids. */
export function firstIdAt(unixMs: number): Uuid {
  const hex = Math.max(0, Math.floor(unixMs)).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a lower-case canonical UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
