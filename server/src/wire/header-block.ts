/**
 * Header fields as they travel and rest: `name LF value LF name LF value`, ISO 8859-1 as in HTTP/1.1 (RFC 9112 section
 * 2.2), in the order, case and repetition of the sender. No field can contain a line feed, so nothing is escaped.
 */

/** Encodes Node's `rawHeaders` (names and values alternating). */
export function encodeHeaderBlock(rawHeaders: readonly string[]): Uint8Array {
  return Buffer.from(rawHeaders.join("\n"), "latin1");
}

/** Decodes to the form of Node's `rawHeaders`. */
export function decodeHeaderBlock(block: Uint8Array): string[] {
  if (block.length === 0) return [];
  return Buffer.from(block.buffer, block.byteOffset, block.byteLength).toString("latin1").split("\n");
}
