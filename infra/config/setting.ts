import type { Level } from "./level.js";

/** What a setting's text is read as; `T` is what the program gets. */
export interface ValueKind<T> {
  /** For the table of settings: "number from 1 to 100". */
  readonly describes: string;
  /** Gives the value, or says what is wrong with the text. */
  readonly parse: (text: string) => { readonly value: T } | { readonly problem: string };
}

/** One setting of the stack, as `pulumi config set KEY VALUE` takes it. */
export interface Setting<T> {
  readonly kind: ValueKind<T>;
  /** What it decides, in a sentence or two. */
  readonly describes: string;
  /** A value that would be accepted, shown with every complaint. */
  readonly example: string;
  /** The value of each level that the stack does not set. `required`: the stack has to say. */
  readonly defaults: { readonly [L in Level]: T | typeof REQUIRED };
}

/** Stands for a default that there cannot be. */
export const REQUIRED: unique symbol = Symbol("required");

/** The same default in every level. */
export function always<T>(value: T): { readonly [L in Level]: T } {
  return { dev: value, prod: value, locked: value };
}
