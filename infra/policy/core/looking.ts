// A rule that looks for something among resources cannot find it where a value is not yet known. Functions that read
// properties note here what they could not see, so that a rule's violations count only when it saw all that it looked at.
import { NotYetKnown } from "./not-yet-known.js";
import type { Value } from "./value.js";

/** A value that was looked at and is not yet known. */
export interface Unseen {
  readonly path: string;
  readonly cause: unknown;
}

/** Who looks at the moment. Evaluating rules is synchronous, so that there is one at a time. */
let noted: Unseen[] | undefined;

/** Evaluates something, and tells the first value that it looked at and that is not yet known. */
export function looking<T>(evaluate: () => T): { readonly result: T; readonly unseen: Unseen | undefined } {
  const before = noted;
  const mine: Unseen[] = [];
  noted = mine;
  try {
    return { result: evaluate(), unseen: mine[0] };
  } finally {
    noted = before;
  }
}

/** Notes that a value was looked at, should it, or an element or property of it, be not yet known. */
export function note(value: Value | undefined, path: string): void {
  if (noted === undefined || typeof value !== "object" || value === null) return;
  const seen = value instanceof NotYetKnown ? [value] : Object.values(value);
  const unknown = seen.find((each) => each instanceof NotYetKnown);
  if (unknown !== undefined) noted.push({ path, cause: unknown.cause });
}
