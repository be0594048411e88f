import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.js";

const COMMANDS = [
  "forward",
  "run",
  "login",
  "logout",
  "status",
  "logs",
  "inspect",
  "resend",
  "bucket",
  "input",
  "output",
];
const FIELDS = ["version", "key", "secret", "buckets", "server", "allow", "concurrency"];

test.each([
  ["bukets", FIELDS, "buckets"],
  ["bucketss", FIELDS, "buckets"],
  ["secert", FIELDS, "secret"],
  ["Buckets", FIELDS, "buckets"],
  ["conc", FIELDS, "concurrency"],
  ["bukets", COMMANDS, "bucket"],
  ["lgos", COMMANDS, "logs"],
  ["forwrd", COMMANDS, "forward"],
  ["ouput", COMMANDS, "output"],
])("%s of %j is %s", (word, names, meant) => {
  expect(nearestName(word, names)).toBe(meant);
});

test.each(["bogus", "frobnicate", "x", ""])("%s is none", (word) => {
  expect(nearestName(word, COMMANDS)).toBeUndefined();
});

test("a letter lost, doubled or swapped in a longer name finds it again", () => {
  const edits: readonly ((name: string, at: number) => string)[] = [
    (name, at) => name.slice(0, at) + name.slice(at + 1),
    (name, at) => name.slice(0, at) + name[at] + name.slice(at),
    (name, at) => name.slice(0, at) + (name[at + 1] ?? "") + name[at] + name.slice(at + 2),
  ];
  const long = FIELDS.filter((name) => name.length >= 6);
  fc.assert(
    fc.property(fc.constantFrom(...long), fc.constantFrom(...edits), fc.nat(5), (name, edit, at) => {
      expect(nearestName(edit(name, at), FIELDS)).toBe(name);
    }),
  );
});
