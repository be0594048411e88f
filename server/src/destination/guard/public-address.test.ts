import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { whyNotPublic } from "./public-address.js";

describe("addresses of the public Internet", () => {
  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
  ])("%s is one", (address) => {
    expect(whyNotPublic(address)).toBeUndefined();
  });

  test.each([
    ["0.0.0.0"],
    ["0.1.2.3"],
    ["10.0.0.1"],
    ["100.64.0.1"],
    ["100.127.255.255"],
    ["127.0.0.1"],
    ["127.255.255.254"],
    ["169.254.169.254"],
    ["172.16.0.1"],
    ["172.31.255.255"],
    ["192.0.0.192"],
    ["192.0.2.1"],
    ["192.88.99.1"],
    ["192.168.1.1"],
    ["198.18.0.1"],
    ["198.19.255.255"],
    ["198.51.100.1"],
    ["203.0.113.1"],
    ["224.0.0.1"],
    ["239.255.255.255"],
    ["240.0.0.1"],
    ["255.255.255.255"],
    ["::"],
    ["::1"],
    ["::127.0.0.1"],
    ["::ffff:127.0.0.1"],
    ["::ffff:a9fe:a9fe"],
    ["::ffff:0:127.0.0.1"],
    ["64:ff9b::127.0.0.1"],
    ["64:ff9b::a9fe:a9fe"],
    ["64:ff9b:1::a9fe:a9fe"],
    ["64:ff9b:1:ffff::1"],
    ["100::1"],
    ["2001::1"],
    ["2001:0:7f00:1::"],
    ["2001:2::1"],
    ["2001:20::1"],
    ["2001:db8::1"],
    ["2002:7f00:1::"],
    ["2002:a9fe:a9fe::1"],
    ["3fff::1"],
    ["5f00::1"],
    ["fc00::1"],
    ["fd00:ec2::254"],
    ["fe80::1"],
    ["fe80::1%eth0"],
    ["fec0::1"],
    ["ff02::1"],
    ["4000::1"],
    ["not an address"],
  ])("threat: %s is none", (address) => {
    expect(whyNotPublic(address)).toBeTypeOf("string");
  });

  test("threat: an address within an IPv6 one is judged as itself", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const why = whyNotPublic(address);
        expect(whyNotPublic(`::ffff:${address}`)).toBe(why);
        expect(whyNotPublic(`64:ff9b::${address}`)).toBe(why);
      }),
    );
  });

  test("threat: no IPv6 address outside of what has been given out is one, and none that tunnels", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const first = Number.parseInt(address.split(":")[0] || "0", 16);
        const inGlobal = first >= 0x2000 && first <= 0x3fff && first !== 0x2002;
        if (!inGlobal && !/^(::ffff:|0*64:ff9b:)/i.test(address) && !address.includes("."))
          expect(whyNotPublic(address), address).toBeTypeOf("string");
      }),
    );
  });
});
