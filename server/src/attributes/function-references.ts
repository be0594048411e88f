import { CRON, INPUT, OUTPUT } from "@relay/provider-schema";

/** Attributes by which something refers to a function; its settings hold the function's id. */
export const FUNCTION_REFERENCES: readonly string[] = [
  ...new Set(
    [INPUT, OUTPUT, CRON].flatMap(({ attributes }) =>
      Object.entries(attributes).flatMap(([name, { refersTo }]) => (refersTo === "function" ? [name] : [])),
    ),
  ),
];
