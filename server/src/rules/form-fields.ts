import { WEBHOOK_LIMITS } from "./webhook-limits.js";

/** The fields of a form body or a query, each with its values; undefined when there are too many. */
export function formFields(text: string): ReadonlyMap<string, readonly string[]> | undefined {
  let separators = 0;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    separators += 1;
    if (separators >= WEBHOOK_LIMITS.fields) return undefined;
  }
  const fields = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}
