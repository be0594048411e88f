import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.js";

test("plain names stay plain", () => {
  expect(["orders", "a.b-c_d", "2026-01-31T12:00:00.000Z"].map(shellWord)).toEqual([
    "orders",
    "a.b-c_d",
    "2026-01-31T12:00:00.000Z",
  ]);
});

test("threat: a bucket's name runs as a command when it is pasted", () => {
  const names = fc.sample(
    fc.string({ minLength: 1 }).filter((name) => !name.includes("\0")),
    50,
  );
  const hostile = ["$(touch /tmp/x)", "`id`", "a'; id; '", "a b", "-rf", "*", "~", ...names];
  const script = `for word in ${hostile.map(shellWord).join(" ")}; do printf '%s\\0' "$word"; done`;
  const seen = execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
  expect(seen).toEqual(hostile);
});
