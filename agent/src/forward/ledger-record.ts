import { crc32 } from "node:zlib";

/**
 * One finished delivery on disk, 36 bytes, big endian: id (16), Unix milliseconds (6), duration in milliseconds (4), status
 * code (2), outcome (1), format version (1), two zero bytes, CRC-32 of the 32 bytes before (4).
 */
export const RECORD_BYTES = 36;

const FORMAT_VERSION = 1;
const CHECKED_BYTES = 32;

export interface LedgerRecord {
  readonly id: Uint8Array;
  readonly finishedAtMs: number;
  readonly durationMs: number;
  readonly statusCode: number;
  readonly outcome: number;
}

/** Writes a record at an offset of a buffer. */
export function writeRecord(buffer: Buffer, at: number, record: LedgerRecord): void {
  buffer.set(record.id, at);
  buffer.writeUIntBE(record.finishedAtMs, at + 16, 6);
  buffer.writeUInt32BE(Math.min(record.durationMs, 0xffffffff), at + 22);
  buffer.writeUInt16BE(record.statusCode, at + 26);
  buffer[at + 28] = record.outcome;
  buffer[at + 29] = FORMAT_VERSION;
  buffer.writeUInt16BE(0, at + 30);
  buffer.writeUInt32BE(crc32(buffer.subarray(at, at + CHECKED_BYTES)), at + CHECKED_BYTES);
}

/** Reads a record, or null when it is torn, damaged or of another version. The id is a view on the buffer. */
export function readRecord(buffer: Buffer, at: number): LedgerRecord | null {
  if (at + RECORD_BYTES > buffer.length || buffer[at + 29] !== FORMAT_VERSION) return null;
  const checked = crc32(buffer.subarray(at, at + CHECKED_BYTES));
  if (checked !== buffer.readUInt32BE(at + CHECKED_BYTES)) return null;
  return {
    id: buffer.subarray(at, at + 16),
    finishedAtMs: buffer.readUIntBE(at + 16, 6),
    durationMs: buffer.readUInt32BE(at + 22),
    statusCode: buffer.readUInt16BE(at + 26),
    outcome: buffer[at + 28] as number,
  };
}
