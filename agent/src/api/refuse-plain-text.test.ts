import { expect, test } from "vitest";
import { refusePlainText } from "./refuse-plain-text.js";

test.each([
  "https://relay.example.com",
  "https://192.0.2.1:9300",
  "http://localhost:9301",
  "http://127.0.0.1:9301/base",
  "http://[::1]:9301",
])("%s may carry the token", (address) => {
  expect(() => refusePlainText(address)).not.toThrow();
});

test.each([
  "http://relay.example.com:9301",
  "http://10.0.0.1:9301",
  "http://localhost.evil.example",
  "http://0.0.0.0:9301",
  "http://[2001:db8::1]:9301",
])("threat: %s would carry the token in plain text", (address) => {
  expect(() => refusePlainText(address)).toThrow(
    /refusing to send the token in plain text to http:.*Use .* https:\/\//,
  );
});
