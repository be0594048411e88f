import { expect, test } from "vitest";
import { parseKmsEndpoint } from "./kms-endpoint.js";

test("a host with or without a port is reached with TLS", () => {
  expect(parseKmsEndpoint("kms.example")).toEqual({ host: "kms.example", port: 443, tls: true });
  expect(parseKmsEndpoint("10.0.0.5:8443")).toEqual({ host: "10.0.0.5", port: 8443, tls: true });
  expect(parseKmsEndpoint("[2001:db8::1]:443")).toEqual({ host: "[2001:db8::1]", port: 443, tls: true });
});

test("threat: without TLS it is this machine or nothing", () => {
  expect(parseKmsEndpoint("http://127.0.0.1:9000")).toEqual({ host: "127.0.0.1", port: 9000, tls: false });
  expect(parseKmsEndpoint("http://[::1]:9000")).toMatchObject({ tls: false });
  for (const text of [
    "http://kms.example",
    "http://10.0.0.5:80",
    "http://127.0.0.1.example",
    "http://localhost.example",
  ])
    expect(parseKmsEndpoint(text), text).toBeUndefined();
});

test("anything else is none", () => {
  for (const text of [
    "",
    "https://kms.example",
    "kms.example/path",
    "kms.example:0",
    "kms.example:70000",
    "a b",
    "[x]",
  ])
    expect(parseKmsEndpoint(text), text).toBeUndefined();
});
