import { GuestMistake } from "./guest-mistake.js";

/** What passes between guest and host: JavaScript gives text or bytes, Lua always bytes. */
export type GuestValue = string | Uint8Array | undefined;

/** What a word answers. Text of headers has one character per byte: it becomes those bytes in Lua. */
export type GuestAnswer = GuestValue | boolean | number | { readonly latin1: string };

/** The text of an argument. */
export function text(value: GuestValue, what: string): string {
  if (value === undefined) throw new GuestMistake(`${what} is missing`);
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.length).toString("utf8");
}

/** The bytes of an argument: of text, its UTF-8. */
export function bytes(value: GuestValue, what: string): Uint8Array {
  if (value === undefined) throw new GuestMistake(`${what} is missing`);
  return typeof value === "string" ? Buffer.from(value, "utf8") : value;
}

/** An argument that belongs into a header: one character per byte. */
export function headerText(value: GuestValue, what: string): string {
  if (value === undefined) throw new GuestMistake(`${what} is missing`);
  return typeof value === "string"
    ? value
    : Buffer.from(value.buffer, value.byteOffset, value.length).toString("latin1");
}
