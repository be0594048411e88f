/** Bytes that `value` takes as a base-128 varint. Values up to 2^53. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Writes `value` (up to 2^53) as a base-128 varint; returns the position behind it. */
export function writeVarint(buffer: Uint8Array, at: number, value: number): number {
  let next = at;
  let rest = value;
  // Above 31 bits the bit operators would cut.
  while (rest > 0x7fffffff) {
    buffer[next] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
    next += 1;
  }
  while (rest > 127) {
    buffer[next] = (rest & 127) | 128;
    rest >>>= 7;
    next += 1;
  }
  buffer[next] = rest;
  return next + 1;
}
