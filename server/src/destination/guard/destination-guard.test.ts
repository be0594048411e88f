import { describe, expect, test } from "vitest";
import { allowedDestinations, isAllowedDestination } from "./allowed-destinations.js";
import { createDestinationGuard } from "./destination-guard.js";

function guardOf({ allow = [], names = {} }: { allow?: string[]; names?: Record<string, string[]> } = {}) {
  const asked: string[] = [];
  const guard = createDestinationGuard({
    allowed: allowedDestinations(allow),
    resolve: async (name) => {
      asked.push(name);
      return names[name] ?? [];
    },
    resolveAllowed: async (name) => names[name] ?? [],
  });
  return { guard, asked };
}

describe("a host is refused by its spelling alone", () => {
  test.each([
    "127.0.0.1",
    "127.0.0.1.",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "0177.0.0x0.1",
    "0",
    "0x0",
    "[::1]",
    "::1",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a9fe:a9fe]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "0251.0376.0251.0376",
    "169.254.43518",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "127.0.0.1..",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
    "any.localhost",
    "metadata.google.internal",
    "metadata.google.internal.",
    "Metadata.Google.Internal",
    "metadata",
    "metadata.goog",
    "instance-data",
    "instance-data.ec2.internal",
    "postgres",
    "db.internal",
    "printer.local",
    "kubernetes.default.svc.cluster.local",
    "",
    "user@127.0.0.1",
    "example.com/@127.0.0.1",
    "example.com#@127.0.0.1",
    "exam ple.com",
    "example.com:80",
  ])("threat: %s", async (host) => {
    const { guard, asked } = guardOf();
    expect(guard.refusal(host)).toBeTypeOf("string");
    await expect(guard.vet(host)).rejects.toThrow(/./);
    expect(asked).toEqual([]);
  });

  test.each(["example.com", "8.8.8.8", "[2606:4700:4700::1111]", "xn--bcher-kva.example", "a-b.c_d.example"])(
    "%s is not",
    (host) => {
      expect(guardOf().guard.refusal(host)).toBeUndefined();
    },
  );
});

describe("every address of a name", () => {
  test("is given for the connection when all are public", async () => {
    const { guard, asked } = guardOf({ names: { "example.com": ["8.8.8.8", "2606:4700:4700::1111"] } });
    expect(await guard.vet("example.com")).toEqual(["8.8.8.8", "2606:4700:4700::1111"]);
    expect(asked).toEqual(["example.com"]);
  });

  test.each([
    ["8.8.8.8", "10.0.0.1"],
    ["10.0.0.1", "8.8.8.8"],
    ["8.8.8.8", "::1"],
    ["8.8.8.8", "::ffff:169.254.169.254"],
    ["2606:4700:4700::1111", "64:ff9b::a9fe:a9fe"],
  ])("threat: one of %s and %s is not public", async (...addresses) => {
    const { guard } = guardOf({ names: { "mixed.example": addresses } });
    await expect(guard.vet("mixed.example")).rejects.toMatchObject({ code: "ERR_RELAY_BLOCKED_ADDRESS" });
  });

  test("threat: a name without addresses is none of this machine", async () => {
    await expect(guardOf().guard.vet("empty.example")).rejects.toMatchObject({ code: "ENODATA" });
  });

  test("the refusal says what to do", async () => {
    const { guard } = guardOf({ names: { "evil.example": ["169.254.169.254"] } });
    await expect(guard.vet("evil.example")).rejects.toThrow(
      "evil.example resolves to 169.254.169.254, which is the local link, where clouds keep their metadata: " +
        "a server calls public addresses only, unless PUBLIC_DESTINATION_ALLOW has the host or its network",
    );
  });
});

describe("what an operator allows", () => {
  test("a network: by literal, by name, and by every way to write it", async () => {
    const { guard } = guardOf({ allow: ["10.0.0.0/8", "fd00::/8"], names: { "hooks.corp.internal": ["10.1.2.3"] } });
    expect(await guard.vet("10.1.2.3")).toEqual(["10.1.2.3"]);
    expect(await guard.vet("[::ffff:10.1.2.3]")).toEqual(["::ffff:a01:203"]);
    expect(await guard.vet("hooks.corp.internal")).toEqual(["10.1.2.3"]);
    expect(guard.refusal("[fd12::1]")).toBeUndefined();
    expect(guard.refusal("11.0.0.1")).toBeUndefined();
    expect(guard.refusal("127.0.0.1")).toBeTypeOf("string");
  });

  test("threat: a network does not let a name reach the rest of another", async () => {
    const { guard } = guardOf({ allow: ["10.0.0.0/8"], names: { "mixed.example": ["10.1.2.3", "192.168.0.1"] } });
    await expect(guard.vet("mixed.example")).rejects.toThrow("192.168.0.1");
  });

  test("a host, whatever its addresses, and no other", async () => {
    const names = {
      "hooks.internal": ["10.0.0.1"],
      "hooks.internal.": ["10.0.0.1"],
      localhost: ["127.0.0.1"],
      "a.corp.example": ["10.0.0.2"],
    };
    const { guard } = guardOf({ allow: ["hooks.internal", "localhost", "*.corp.example"], names });
    expect(await guard.vet("Hooks.Internal.")).toEqual(["10.0.0.1"]);
    expect(await guard.vet("hooks.internal")).toEqual(["10.0.0.1"]);
    expect(await guard.vet("localhost")).toEqual(["127.0.0.1"]);
    expect(await guard.vet("a.corp.example")).toEqual(["10.0.0.2"]);
    expect(guard.refusal("other.internal")).toBeTypeOf("string");
    expect(guard.refusal("evilhooks.internal")).toBeTypeOf("string");
    expect(guard.refusal("corp.example.localhost")).toBeTypeOf("string");
  });

  test("entries of other forms are told apart", () => {
    for (const entry of ["10.0.0.0/8", "10.0.0.1", "fd00::/8", "::1", "hooks.internal", "*.corp.example", "localhost"])
      expect(isAllowedDestination(entry), entry).toBe(true);
    for (const entry of ["10.0.0.0/33", "10.0.0/8", "http://x", "x/8", "*", "a b", "127.1", "x:80", "*.*.example", ""])
      expect(isAllowedDestination(entry), entry).toBe(false);
  });
});
