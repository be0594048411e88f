import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_RETRY, isRetryableStatus, retryWaitMs } from "./retry-policy.js";

test("waits 1, 2, 4 seconds by default, then it is over", () => {
  expect([1, 2, 3, 4].map((tries) => retryWaitMs(DEFAULT_RETRY, tries))).toEqual([1_000, 2_000, 4_000, null]);
});

test("never waits longer than the maximum", () => {
  const policy = { maxRetries: 1_000, waitMinMs: 10, waitMaxMs: 500 };
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), (tries) => (retryWaitMs(policy, tries) ?? 0) <= 500));
});

test("5xx answers but 501 are tried again, 4xx never", () => {
  expect([400, 404, 408, 429, 499, 501].filter(isRetryableStatus)).toEqual([]);
  expect([500, 502, 503, 504, 599].filter(isRetryableStatus)).toEqual([500, 502, 503, 504, 599]);
});
