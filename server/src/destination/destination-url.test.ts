import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDestination, requestTarget, withoutCredentials } from "./destination-url.js";

function target(destination: string, path: string, query: string | null = null, lockPath = false): string {
  return requestTarget(parseDestination(destination, lockPath), { path, query: query ?? "", hasQuery: query !== null });
}

describe("where a webhook goes", () => {
  test.each([
    ["http://localhost:3000", "", null, "/"],
    ["http://localhost:3000/", "", null, "/"],
    ["http://localhost:3000/hooks", "", null, "/hooks"],
    ["http://localhost:3000/hooks/", "", null, "/hooks/"],
    ["http://localhost:3000", "/a/b", null, "/a/b"],
    ["http://localhost:3000/hooks", "/a", null, "/hooks/a"],
    ["http://localhost:3000/hooks/", "/a", null, "/hooks/a"],
    ["http://localhost:3000/hooks", "/", null, "/hooks/"],
    ["http://localhost:3000/hooks", "", "a=1", "/hooks?a=1"],
    ["http://localhost:3000/hooks", "", "", "/hooks?"],
    ["http://localhost:3000/hooks?k=v", "", null, "/hooks?k=v"],
    ["http://localhost:3000/hooks?k=v", "/x", "a=1&a=2", "/hooks/x?k=v&a=1&a=2"],
    ["http://localhost:3000/hooks?k=v", "", "", "/hooks?k=v"],
    ["http://localhost:3000/a%2Fb", "/c", null, "/a%2Fb/c"],
  ])("%s + %s ? %s = %s", (destination, path, query, expected) => {
    expect(target(destination, path, query)).toBe(expected);
  });

  test("what the sender wrote is not normalised", () => {
    for (const path of [
      "/%2F",
      "/%7e",
      "//",
      "//x//",
      "/..",
      "/../..",
      "/%2e%2e/",
      "/a/./b",
      "/%zz",
      "/a;b=c",
      "/\u00e9",
    ]) {
      expect(target("http://localhost:3000/hooks", path)).toBe(`/hooks${path}`);
    }
  });

  test("a locked path drops the extra path and keeps the query", () => {
    expect(target("http://localhost:3000/hooks", "/extra", "a=1", true)).toBe("/hooks?a=1");
  });

  test("threat: no extra path leads to another host", () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("", "/", "/hooks", "/hooks/"), (text, base) => {
        for (const path of [
          text,
          `//evil.example/${text}`,
          `@evil.example/${text}`,
          `http://evil.example/${text}`,
          `:80${text}`,
        ]) {
          expect(target(`http://localhost:3000${base}`, path)).toMatch(/^\//);
        }
      }),
    );
  });

  test("only absolute http and https URLs can be called", () => {
    for (const text of [
      "",
      "localhost:3000",
      "/hooks",
      "ftp://x/",
      "file:///etc/passwd",
      "javascript:alert(1)",
      "http://",
    ]) {
      expect(() => parseDestination(text, false), text).toThrow(/URL|scheme/);
    }
  });

  test("user information becomes credentials and is not shown", () => {
    const destination = parseDestination("https://user:p%40ss@internal:8443/x", false);
    expect(destination).toMatchObject({ origin: "https://internal:8443", port: 8443, path: "/x" });
    expect(destination.authorization).toBe(`Basic ${Buffer.from("user:p@ss").toString("base64")}`);
    expect(withoutCredentials("https://user:p%40ss@internal:8443/x@y")).toBe("https://internal:8443/x@y");
    expect(() => parseDestination("gopher://user:hunter2@x", false)).toThrow(/^(?!.*hunter2)/);
  });
});
