import { expect, test } from "vitest";
import { isLoopback } from "./loopback.js";

test("loopback addresses and names", () => {
  for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1"]) {
    expect(isLoopback(host), host).toBe(true);
  }
});

test("threat: names that only look like loopback would carry the token in plain text", () => {
  for (const host of [
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "notlocalhost",
    "::2",
    "0.0.0.0",
    "127.evil",
  ]) {
    expect(isLoopback(host), host).toBe(false);
  }
});
