import type { NetworkInterfaceInfo } from "node:os";
import { expect, test } from "vitest";
import { certificateHosts } from "./certificate-hosts.js";

const address = (family: "IPv4" | "IPv6", text: string) => ({ family, address: text }) as NetworkInterfaceInfo;
const interfaces = {
  lo: [address("IPv4", "127.0.0.1"), address("IPv6", "::1")],
  eth0: [address("IPv4", "192.0.2.7"), address("IPv6", "2001:db8::7"), address("IPv6", "fe80::7")],
};
const of = (publicUrl: string, listenAddress: string) =>
  certificateHosts({ hostname: "box", publicUrl, listenAddress, interfaces });

test("the host of PUBLIC_URL, as a name or an address", () => {
  expect(of("https://hooks.example.com:8443/relay", "127.0.0.1")).toEqual(["box", "hooks.example.com", "127.0.0.1"]);
  expect(of("http://[2001:db8::9]:9301", "127.0.0.1")).toContain("2001:db8::9");
  expect(of("https://bücher.example", "127.0.0.1")).toContain("xn--bcher-kva.example");
});

test("the address it listens on; for every address those of the machine, but no link-local ones", () => {
  expect(of("", "198.51.100.3")).toEqual(["box", "198.51.100.3"]);
  expect(of("", "0.0.0.0")).toEqual(["box", "127.0.0.1", "192.0.2.7"]);
  for (const every of ["::", "0:0:0:0:0:0:0:0"]) {
    expect(of("", every)).toEqual(["box", "127.0.0.1", "::1", "192.0.2.7", "2001:db8::7"]);
  }
});

test("a host name that no certificate can hold is left out", () => {
  const hosts = certificateHosts({ hostname: "büro pc", publicUrl: "", listenAddress: "127.0.0.1", interfaces });
  expect(hosts).toEqual(["127.0.0.1"]);
});
