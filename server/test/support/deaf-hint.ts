import type { Hint } from "../../src/hint/hint.js";

/** A hint that never comes: what is left is the poll. */
export function deafHint(): Hint {
  return { publish: () => undefined, subscribe: () => () => undefined, close: async () => undefined };
}
