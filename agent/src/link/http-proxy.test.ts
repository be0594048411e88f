import { describe, expect, test } from "vitest";
import { proxyAddress, proxyFor, readProxySettings } from "./http-proxy.js";

const PROXY = { HTTPS_PROXY: "http://proxy.example.com:3128" };

function proxyOf(env: Record<string, string>, host = "relay.example.com", port = 9302) {
  return proxyFor(readProxySettings(env), host, port);
}

describe("HTTPS_PROXY", () => {
  test.each([
    ["http://proxy.example.com:3128", "proxy.example.com:3128", null, false],
    ["proxy.example.com:3128", "proxy.example.com:3128", null, false],
    ["http://proxy.example.com", "proxy.example.com:80", null, false],
    ["https://proxy.example.com/", "proxy.example.com:443", null, true],
    ["http://me:p%40ss@[2001:db8::1]:3128", "[2001:db8::1]:3128", "me:p@ss", false],
    ["http://me:100%@proxy:3128", "proxy:3128", "me:100%", false],
  ])("%s", (text, address, credentials, secure) => {
    const proxy = proxyOf({ HTTPS_PROXY: text });
    expect(proxy).toMatchObject({ credentials, secure });
    expect(proxy === null ? null : proxyAddress(proxy)).toBe(address);
  });

  test("both cases count, lower case first; empty is unset", () => {
    expect(proxyOf({ https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:1" })?.host).toBe("lower");
    expect(proxyOf({ https_proxy: "", HTTPS_PROXY: "http://upper:1" })?.host).toBe("upper");
    expect(proxyOf({ https_proxy: " ", HTTPS_PROXY: "" })).toBeNull();
  });

  test("of another kind is refused without quoting it", () => {
    const wrong = () => proxyOf({ HTTPS_PROXY: "socks5://me:hunter2@proxy:1080" });
    expect(wrong).toThrow(/HTTPS_PROXY is not the http:\/\/ or https:\/\/ URL of a proxy/);
    expect(wrong).not.toThrow(/hunter2/);
  });

  test("of another kind does no harm where it is not needed", () => {
    expect(proxyOf({ HTTPS_PROXY: "socks5://proxy:1080", NO_PROXY: "example.com" })).toBeNull();
  });

  test.each(["localhost", "127.0.0.1", "[::1]", "relay.localhost"])("%s is reached directly", (host) => {
    expect(proxyOf(PROXY, host)).toBeNull();
  });
});

describe("NO_PROXY", () => {
  test.each([
    ["*", "relay.example.com"],
    ["relay.example.com", "relay.example.com"],
    ["example.com", "relay.example.com"],
    [".example.com", "relay.example.com"],
    ["*.example.com", "relay.example.com"],
    ["EXAMPLE.com", "Relay.Example.COM"],
    ["other.org, example.com:9302", "relay.example.com"],
    ["other.org example.com", "relay.example.com"],
    ["10.0.0.0/8", "10.1.2.3"],
    ["10.1.2.3", "10.1.2.3"],
    ["2001:db8::1", "[2001:db8::1]"],
    ["[2001:db8::1]:9302", "[2001:db8::1]"],
    ["2001:db8::/32", "[2001:db8::1]"],
  ])("%s names %s", (list, host) => {
    expect(proxyOf({ ...PROXY, no_proxy: list }, host)).toBeNull();
    expect(proxyOf({ ...PROXY, NO_PROXY: list }, host)).toBeNull();
  });

  test.each([
    ["example.com:443", "relay.example.com"],
    ["ample.com", "relay.example.com"],
    ["relay.example.com.evil", "relay.example.com"],
    ["10.0.0.0/8", "11.1.2.3"],
    ["10.0.0.0/99", "10.1.2.3"],
    ["10.0.0.0/8", "relay.example.com"],
    [".", "relay.example.com"],
    [",, ", "relay.example.com"],
  ])("%s does not name %s", (list, host) => {
    expect(proxyOf({ ...PROXY, NO_PROXY: list }, host)).not.toBeNull();
  });
});
