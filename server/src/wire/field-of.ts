import { decodeHeaderBlock } from "./header-block.js";

/** The first value of a field in a header block, whatever the case of its name (RFC 9110 section 5.1). */
export function fieldOf(block: Uint8Array | undefined, name: string): string | undefined {
  if (block === undefined) return undefined;
  const fields = decodeHeaderBlock(block);
  const at = fields.findIndex((each, i) => i % 2 === 0 && each.toLowerCase() === name);
  return at === -1 ? undefined : fields[at + 1];
}
