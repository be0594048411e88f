// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]/g;

/** Text of strangers made safe for a terminal: control characters, which could move the cursor or set its title, are escaped. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
