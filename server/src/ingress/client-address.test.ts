import type { IncomingMessage } from "node:http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientAddress } from "./client-address.js";

function request(peer: string | undefined, forwarded?: string): IncomingMessage {
  return {
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
  } as unknown as IncomingMessage;
}

const anything = fc.oneof(
  fc.string(),
  fc.ipV4(),
  fc.ipV6(),
  fc.array(fc.ipV4()).map((all) => all.join(", ")),
);

test("a stranger's X-Forwarded-For is ignored when no proxy is trusted", () => {
  fc.assert(
    fc.property(anything, (forwarded) => {
      expect(clientAddress([])(request("203.0.113.7", forwarded))).toBe("203.0.113.7");
    }),
  );
});

test("a stranger's X-Forwarded-For is ignored when the stranger is no trusted proxy", () => {
  const address = clientAddress(["10.0.0.0/8", "fd00::/8"]);
  fc.assert(
    fc.property(anything, (forwarded) => {
      expect(address(request("203.0.113.7", forwarded))).toBe("203.0.113.7");
    }),
  );
});

test("what a stranger puts before the proxy's own entry is ignored", () => {
  const address = clientAddress(["10.0.0.0/8"]);
  fc.assert(
    fc.property(
      anything,
      fc.ipV4().filter((ip) => !ip.startsWith("10.")),
      (forged, real) => {
        expect(address(request("10.1.2.3", `${forged}, ${real}`))).toBe(real);
        expect(address(request("10.1.2.3", `${forged}, ${real}, 10.9.9.9`))).toBe(real);
      },
    ),
  );
});

test("no header of a trusted peer can throw", () => {
  const address = clientAddress(["0.0.0.0/0", "::/0"]);
  fc.assert(
    fc.property(
      fc.oneof(anything, fc.constantFrom("fe80::1%eth0", "::ffff:10.0.0.1", "1.2.3.4:80", "[::1]", "unknown", ",,,")),
      (forwarded) => {
        expect(address(request("10.1.2.3", forwarded))).toBe("10.1.2.3");
      },
    ),
  );
});

test("IPv4 in IPv6 clothes is plain IPv4, and a missing peer is no crash", () => {
  expect(clientAddress([])(request("::ffff:192.0.2.1"))).toBe("192.0.2.1");
  expect(clientAddress(["192.0.2.0/24"])(request("::ffff:192.0.2.1", "198.51.100.1"))).toBe("198.51.100.1");
  expect(clientAddress([])(request(undefined))).toBe("");
});

test("a network that is none is refused: half a CIDR must not trust the whole Internet", () => {
  for (const wrong of ["", "proxy.example.com", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/x", "10.0.0/8"]) {
    expect(() => clientAddress([wrong]), wrong).toThrow();
  }
});
