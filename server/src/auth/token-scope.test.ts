import { expect, it } from "vitest";
import { sampleToken } from "../../test/support/sample-catalog.js";
import { isLimited, isLimitedToBuckets, mayUseBucket } from "./token-scope.js";

const ALL = sampleToken();

it("an empty scope covers every bucket, another one the buckets it lists by id or name", () => {
  expect(mayUseBucket(ALL, { id: "1", name: "one" })).toBe(true);
  const limited = { ...ALL, scopeBuckets: ["1", "two"] };
  expect(mayUseBucket(limited, { id: "1", name: "one" })).toBe(true);
  expect(mayUseBucket(limited, { id: "2", name: "two" })).toBe(true);
  expect(mayUseBucket(limited, { id: "3", name: "three" })).toBe(false);
});

it("a scope of tunnels alone leaves buckets open but is a limit", () => {
  const tunnels = { ...ALL, scopeTunnels: ["x"] };
  expect(isLimitedToBuckets(tunnels)).toBe(false);
  expect(isLimited(tunnels)).toBe(true);
  expect(isLimited(ALL)).toBe(false);
});
