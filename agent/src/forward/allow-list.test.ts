import { parseDestination } from "@relay/server/destination";
import { describe, expect, test } from "vitest";
import { parseAllowList, staysBelow } from "./allow-list.js";

function kind(entries: readonly string[], destination: string): string {
  return parseAllowList(entries).check(parseDestination(destination, false)).kind;
}

describe("the destinations an agent may call", () => {
  test.each([
    ["http://localhost:3000", "http://localhost:3000/any/path"],
    ["http://LOCALHOST:3000/", "http://localhost:3000"],
    ["http://internal", "http://internal:80/x"],
    ["https://internal:443", "https://internal/x"],
    ["localhost:3000", "https://localhost:3000/x"],
    ["internal", "https://internal/x"],
    ["10.0.0.0/8", "http://10.1.2.3:8080/x"],
    ["::1", "http://[::1]/x"],
    ["[::1]:3000", "http://[::1]:3000/x"],
    ["fd00::/8", "http://[fd00::1]/x"],
    ["127.0.0.1:80", "http://2130706433/x"],
  ])("%s allows %s", (entry, destination) => {
    expect(kind([entry], destination)).toBe("allowed");
  });

  test.each([
    ["user information that looks like a host", "http://localhost:3000", "http://localhost:3000@evil.example/"],
    ["a port that begins with the allowed one", "http://localhost:3000", "http://localhost:30001/"],
    ["a host that begins with the allowed one", "http://localhost", "http://localhost.evil.example/"],
    ["another scheme", "https://internal", "http://internal/"],
    ["a trailing dot", "http://localhost:3000", "http://localhost.:3000/"],
    ["another name for the same address", "http://localhost:3000", "http://127.0.0.1:3000/"],
    ["the default port of the other scheme", "internal:80", "https://internal/"],
    ["an address outside the network", "10.0.0.0/8", "http://11.0.0.1/"],
    ["IPv4 written as IPv6", "10.0.0.0/8", "http://[::ffff:127.0.0.1]/"],
    ["a decimal address", "10.0.0.0/8", "http://2130706433/"],
    ["a backslash before the host", "http://localhost:3000", "http:\\\\evil.example\\@localhost:3000/"],
  ])("threat: %s", (_name, entry, destination) => {
    expect(kind([entry], destination)).toBe("blocked");
  });

  test("a name that only a network can allow is judged at each resolution", () => {
    expect(kind(["10.0.0.0/8"], "http://service.internal/")).toBe("by-address");
  });

  test("a path prefix ends at a segment", () => {
    expect(staysBelow("/hooks", "/hooks")).toBe(true);
    expect(staysBelow("/hooks/a?x=/../..", "/hooks")).toBe(true);
    expect(staysBelow("/hooks/a/../b", "/hooks/")).toBe(true);
    expect(staysBelow("/hooks2", "/hooks")).toBe(false);
    expect(staysBelow("/", "/hooks")).toBe(false);
  });

  test("threat: dots, encoded or not, lead out of the path prefix", () => {
    for (const path of [
      "/..",
      "/../admin",
      "/%2e%2E/admin",
      "/.%2e/",
      "/a/../../admin",
      "/a%2f..%2f..%2fadmin",
      "/..\\admin",
      "/..;/admin",
    ]) {
      expect(staysBelow(`/hooks${path}`, "/hooks"), path).toBe(false);
    }
  });

  test("wrong entries are told with what is right", () => {
    for (const entry of [
      "ftp://x",
      "http://u:p@x",
      "http://x/?q",
      "10.0.0.0/33",
      "10.0.0/8",
      "a b",
      "x/y",
      "http://",
    ]) {
      expect(() => parseAllowList([entry]), entry).toThrow(/--allow takes/);
    }
  });
});
