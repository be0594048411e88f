import { expect, test } from "vitest";
import { parseRunFile } from "./run-file.js";

test("reads what the agent needs", () => {
  const text =
    "version: v1\nkey: k\nsecret: s\nbuckets: [a, b]\nserver: https://relay.example.com\nallow:\n  - localhost:3000\nconcurrency: 4\n";
  expect(parseRunFile(text, "relay.yaml")).toEqual({
    key: "k",
    secret: "s",
    buckets: ["a", "b"],
    server: "https://relay.example.com",
    allow: ["localhost:3000"],
    concurrency: 4,
  });
});

test.each([
  ["version: v1\nbucket: [a]\n", "relay.yaml:2: bucket is not a known field", "Did you mean buckets?"],
  ["version: v1\nbukets: [a]\n", "relay.yaml:2: bukets", "Did you mean buckets?"],
  ["version: v1\nsecert: x\n", "relay.yaml:2: secert", "Did you mean secret?"],
  ["version: v2\n", "relay.yaml:1: version", 'needs "version: v1"'],
  ["buckets: [a]\n", "the file", 'needs "version: v1"'],
  ["version: v1\nbuckets: a\n", "relay.yaml:2: buckets", "must be a list"],
  ["version: v1\nbuckets:\n  - a\n  - 3\n", "relay.yaml:4: buckets.1", "must be text"],
  ["version: v1\nconcurrency: 0\n", "relay.yaml:2: concurrency", "at least 1"],
  ["version: v1\nkey: 12\n", "relay.yaml:2: key", "put it in quotes"],
  ["version: v1\nrelayer:\n  type: exec\n", "relay.yaml:2: relayer", "HTTP only"],
  ["version: v1\nbuckets: [a\n", "relay.yaml:", "not valid YAML"],
  ["- a\n", "relay.yaml:1: the file", "must be a mapping"],
])("a wrong file is told with line, field and hint: %j", (text, where, what) => {
  const message = errorOf(() => parseRunFile(text, "relay.yaml"));
  expect(message).toContain(where);
  expect(message).toContain(what);
});

test("threat: a secret in a wrong file is not repeated in the error", () => {
  expect(errorOf(() => parseRunFile("version: v1\nsecret: [hunter2]\n", "relay.yaml"))).not.toContain("hunter2");
});

function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
