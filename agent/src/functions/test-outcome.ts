import type { FunctionCall } from "@relay/server/functions";
import { record, refuseUnknown, texts, wrong } from "./spec-values.js";

/** How a delivery ended, for a response function. */
export type TestOutcome = NonNullable<FunctionCall["outcome"]>;

const OUTCOMES = ["sent", "failed", "rejected"];

/**
 * Reads `outcome` of one test: what `r` tells of the delivery, by the names that it has there. Throws CliError that names the place
 * when it is none.
 */
export function readTestOutcome(value: unknown, file: string, at: string): TestOutcome | undefined {
  if (value === undefined || value === null) return undefined;
  const given = record(value, file, at);
  const { outcome = "sent", attempts = 1, durationMs = 0, error = "", responseStatus, ...answer } = given;
  const { responseHeaders = {}, responseBody = "", ...rest } = answer;
  refuseUnknown(rest, file, at);
  if (typeof outcome !== "string" || !OUTCOMES.includes(outcome)) {
    throw wrong(file, `${at}.outcome: must be one of ${OUTCOMES.join(", ")}`);
  }
  const number = (one: unknown, name: string) => {
    if (typeof one === "number") return one;
    throw wrong(file, `${at}.${name}: must be a number`);
  };
  const text = (one: unknown, name: string) => {
    if (typeof one === "string") return one;
    throw wrong(file, `${at}.${name}: must be a text`);
  };
  const status = number(responseStatus ?? (outcome === "sent" ? 200 : 0), "responseStatus");
  const headers = Object.entries(texts(responseHeaders, file, `${at}.responseHeaders`));
  const body = Buffer.from(text(responseBody, "responseBody"));
  return {
    outcome,
    attempts: number(attempts, "attempts"),
    durationMs: number(durationMs, "durationMs"),
    error: text(error, "error"),
    responseStatus: status,
    ...(status === 0 ? {} : { response: { headers: headers.map(headerLine), body } }),
  };
}

/** Values of headers have one character per byte. */
function headerLine([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, Buffer.from(value).toString("latin1")];
}
