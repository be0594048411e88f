import type { Json } from "@relay/provider-schema";
import { escapedText } from "../render/escaped-text.js";

/** A value in one line, much like JSON; nothing in it can act on a terminal or mislead a reader. */
export function valueText(value: Json): string {
  if (typeof value === "string") return escapedText(JSON.stringify(value));
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, each]) => `${valueText(name)}: ${valueText(each)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  return String(value);
}
