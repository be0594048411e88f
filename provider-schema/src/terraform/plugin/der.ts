/** DER (X.690), as much as a certificate needs. */
export const der = {
  sequence: (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts)),
  set: (...parts: Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts)),
  /** Of an unsigned number, in big-endian bytes. */
  integer: (bytes: Buffer): Buffer => tagged(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.from([0, ...bytes]) : bytes),
  objectId: (id: string): Buffer => tagged(0x06, objectIdBytes(id)),
  text: (text: string): Buffer => tagged(0x0c, Buffer.from(text)),
  octets: (bytes: Buffer): Buffer => tagged(0x04, bytes),
  /** Whole bytes. */
  bits: (bytes: Buffer): Buffer => tagged(0x03, Buffer.from([0, ...bytes])),
  /** A time from 2050 on has another form; this one is for years before. */
  time: (date: Date): Buffer =>
    tagged(
      0x17,
      Buffer.from(
        `${date
          .toISOString()
          .replace(/[-:T]|\.\d+/g, "")
          .slice(2)}`,
      ),
    ),
  /** `[n]` around whole values. */
  explicit: (n: number, content: Buffer): Buffer => tagged(0xa0 + n, content),
  /** `[n]` in place of the type of a plain value. */
  implicit: (n: number, content: Buffer): Buffer => tagged(0x80 + n, content),
};

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function objectIdBytes(id: string): Buffer {
  const [first = 0, second = 0, ...rest] = id.split(".").map(Number);
  return Buffer.from([first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift(0x80 | (left & 0x7f));
  return bytes;
}
