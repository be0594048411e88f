import fc from "fast-check";
import type { SignedRequest } from "../../src/verification/verification.js";

export interface SignedParts {
  /** A field with a list of values is there as often. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
  readonly inputUrl?: string;
  readonly suffix?: string;
}

/** A request as verification sees it. */
export function signedRequest(parts: SignedParts): SignedRequest {
  const rawHeaders: string[] = [];
  for (const [name, values] of Object.entries(parts.headers)) {
    for (const value of typeof values === "string" ? [values] : values) rawHeaders.push(name, value);
  }
  return {
    rawHeaders,
    body: Buffer.from(parts.body),
    inputUrl: parts.inputUrl ?? "https://hooks.example.com/v1/webhooks/7f4b1f86-29e3-4f0e-8d2c-0a6b7a1f5a10",
    suffix: parts.suffix ?? "",
  };
}

/** Texts of any language, without halves of surrogate pairs: what a sender can write as UTF-8. */
export function someText(minLength = 1): fc.Arbitrary<string> {
  return fc.string({ unit: "grapheme", minLength, maxLength: 200 });
}

/** Secrets as providers make them. */
export function someSecret(): fc.Arbitrary<string> {
  return fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 64 }).filter((text) => text.trim() !== "");
}

/** The text with one character changed, removed or added. */
export function oneChanged(text: string): fc.Arbitrary<string> {
  const characters = [...text];
  const last = Math.max(0, characters.length - 1);
  return fc
    .tuple(fc.constantFrom(0, 1), fc.nat({ max: last }), fc.constantFrom("", ..."0aA=,. v1%+&_é"))
    .map(([removed, at, added]) => [...characters.slice(0, at), added, ...characters.slice(at + removed)].join(""))
    .filter((changed) => changed !== text);
}
