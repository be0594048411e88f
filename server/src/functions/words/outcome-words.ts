import { text } from "../guest-value.js";
import type { Word } from "./word.js";

/** How the delivery ended that a response function runs after; nothing of it in other functions. */
export const OUTCOME_WORDS: Readonly<Record<string, Word>> = {
  outcome: ({ outcome: over }) => {
    if (over === undefined) return "{}";
    const { outcome, attempts, durationMs, error, responseStatus } = over;
    return JSON.stringify({ outcome, attempts, durationMs, error, responseStatus });
  },
  responseHeaders: ({ outcome }) => ({ latin1: JSON.stringify(outcome?.response?.headers ?? []) }),
  responseBody: ({ outcome }) => outcome?.response?.body,
  responseBodyText: ({ outcome }) => {
    const body = outcome?.response?.body;
    return body === undefined ? undefined : text(body, "the body");
  },
};
