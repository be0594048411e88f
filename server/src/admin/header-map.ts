import { decodeHeaderBlock } from "../wire/header-block.js";

/** Repeated fields under the name as it came first: field names do not distinguish case (RFC 9110 section 5.1). */
export function headerMap(block: Uint8Array | undefined): Record<string, string[]> {
  const fields = new Map<string, { name: string; values: string[] }>();
  const raw = block === undefined ? [] : decodeHeaderBlock(block);
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? "";
    const field = fields.get(name.toLowerCase());
    if (field === undefined) fields.set(name.toLowerCase(), { name, values: [raw[i + 1] ?? ""] });
    else field.values.push(raw[i + 1] ?? "");
  }
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries([...fields.values()].map(({ name, values }) => [name, values]));
}
