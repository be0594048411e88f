/**
 * Every request of the bench carries its number and the moment it was due in one header of fixed width, so that it can be
 * written into prebuilt bytes without building a request anew, and read at the destination without parsing the body
 * (which stays a real payload).
 */
export const STAMP_HEADER = "X-Bench-Stamp";

const SEQUENCE_DIGITS = 12;
const MICROS_DIGITS = 16;

/** Bytes of a stamp: sequence number, a dash, microseconds. */
export const STAMP_LENGTH = SEQUENCE_DIGITS + 1 + MICROS_DIGITS;

function writeDigits(target: Buffer, offset: number, digits: number, value: number): void {
  let rest = value;
  for (let at = offset + digits - 1; at >= offset; at -= 1) {
    const next = Math.floor(rest / 10);
    target[at] = 48 + (rest - next * 10);
    rest = next;
  }
}

/** Writes a stamp at `offset`. */
export function writeStamp(target: Buffer, offset: number, sequence: number, micros: number): void {
  writeDigits(target, offset, SEQUENCE_DIGITS, sequence);
  target[offset + SEQUENCE_DIGITS] = 45;
  writeDigits(target, offset + SEQUENCE_DIGITS + 1, MICROS_DIGITS, micros);
}

export interface Stamp {
  readonly sequence: number;
  readonly micros: number;
}

/** Reads the stamp that begins at `at` in the text of a request head; undefined when there is none. */
export function readStamp(head: string, at: number): Stamp | undefined {
  if (head.charCodeAt(at + SEQUENCE_DIGITS) !== 45) return undefined;
  const sequence = Number(head.slice(at, at + SEQUENCE_DIGITS));
  const micros = Number(head.slice(at + SEQUENCE_DIGITS + 1, at + STAMP_LENGTH));
  return Number.isInteger(sequence) && Number.isInteger(micros) ? { sequence, micros } : undefined;
}
