const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The canonical lower-case UUID text of a delivery id (16 bytes). */
export function deliveryIdText(id: Uint8Array): string {
  let text = "";
  for (let i = 0; i < 16; i += 1) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-";
    text += HEX[id[i] ?? 0];
  }
  return text;
}

/** The id as a key for maps: one character for each byte. */
export function deliveryKey(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1");
}
