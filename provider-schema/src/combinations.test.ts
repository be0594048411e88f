import { expect, test } from "vitest";
import { validateConfig } from "./engine/validate-config.js";
import { UNKNOWN, type Values } from "./engine/value.js";
import { BUCKET } from "./resources/bucket.js";

const problems = (auth: Values) =>
  validateConfig(BUCKET.attributes, { name: "b", auth }).map(({ path, message }) => `${path.join(".")} ${message}`);

test.each<Values>([
  {},
  { type: "none" },
  { type: "basic", username: "u", password: "p" },
  { type: "basic", username: UNKNOWN },
  { type: UNKNOWN, token: "t", username: "u" },
  { type: "token", token: UNKNOWN },
  { type: "token" },
])("takes %o", (auth) => {
  expect(problems(auth)).toEqual([]);
});

test("says before anything is made that a kind of authentication lacks its attributes, or has another's", () => {
  expect(problems({ type: "basic" })).toEqual(['auth.username is required when type is "basic"']);
  expect(problems({ type: "basic", username: "u", token: UNKNOWN })).toEqual([
    'auth.token means nothing when type is "basic"',
  ]);
  expect(problems({ token: "t" })).toEqual(['auth.token means nothing when type is "none"']);
  expect(problems({ type: "token", username: "u", password: "p" })).toHaveLength(2);
});
