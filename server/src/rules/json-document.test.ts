import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonNode, readJson } from "./json-document.js";

/** What a reader of plain values would have made of it. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries([...node.members].map(([name, value]) => [name, plain(value)]));
    case "array":
      return node.items.map(plain);
    case "scalar":
      return node.text;
  }
}

/** The scalars of a value as texts. */
function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, texts(each)]));
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function read(text: string): JsonNode {
  const node = readJson(text);
  if (node.kind === "problem") throw new Error(node.message);
  return node;
}

test("reads what JSON.parse reads, scalars as texts and every part as it was written", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
      const written = JSON.stringify(value, null, indent);
      const node = read(written);
      expect(plain(node)).toEqual(texts(JSON.parse(written)));
      if (node.kind !== "scalar") expect(node.text).toBe(written);
    }),
    { numRuns: 500 },
  );
});

test("threat: refuses exactly the texts that JSON.parse refuses", () => {
  const pieces = fc.constantFrom(
    ...'{}[]":,\\ \n\t\0-+.0123eE',
    '"a"',
    "true",
    "null",
    "\\u00e9",
    "\\ud800",
    "\ud800",
    "nul",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      expect(readJson(text).kind !== "problem").toBe(parses(text));
    }),
    { numRuns: 20_000 },
  );
});

test("numbers stay as they were written", () => {
  expect(plain(read('{"id": 1234567890123456789, "rate": 1.50}'))).toEqual({ id: "1234567890123456789", rate: "1.50" });
});

test("threat: names of every object's prototype are plain data", () => {
  const node = read('{"__proto__": {"a": 1}, "constructor": 2}');
  expect(node.kind === "object" && [...node.members.keys()]).toEqual(["__proto__", "constructor"]);
  expect(Object.getPrototypeOf({})).not.toHaveProperty("a");
});

test("threat: depth and number of values are bounded", () => {
  expect(readJson(`${"[".repeat(64)}1${"]".repeat(64)}`).kind).toBe("array");
  expect(readJson("[".repeat(1_000_000))).toEqual({
    kind: "problem",
    message: "the JSON of the body is more than 64 levels deep",
  });
  expect(readJson(`[${"1,".repeat(500_000)}1]`)).toEqual({
    kind: "problem",
    message: "the body has more than 100000 JSON values",
  });
});
