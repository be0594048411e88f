import { printable } from "./printable.js";

/** Characters that reorder, hide or break text where it is shown: one could make a plan read as another. */
const DECEPTIVE =
  /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/**
 * Text of strangers that people will decide by: besides control characters, what is invisible or turns the direction of
 * writing is escaped.
 */
export function escapedText(text: string): string {
  return printable(text).replace(DECEPTIVE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`);
}
