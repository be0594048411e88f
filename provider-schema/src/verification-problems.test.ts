import { expect, test } from "vitest";
import { validateConfig } from "./engine/validate-config.js";
import { UNKNOWN, type Values } from "./engine/value.js";
import { INPUT } from "./resources/input.js";

const SECRET = "a secret of theirs";

const problems = (verification: Values) =>
  validateConfig(INPUT.attributes, { name: "i", bucket: "b", verification }).map(
    ({ path, message }) => `${path.join(".")} ${message}`,
  );

test.each<Values>([
  {},
  { type: "none" },
  { type: UNKNOWN, url: "https://a.example" },
  { type: "github", secret: SECRET },
  { type: "github", secret: UNKNOWN },
  { type: "github", secret_wo: SECRET },
  { type: "shopify", secret: SECRET, previous_secret: "another one", previous_secret_until: 1_798_761_600 },
  { type: "stripe", secret: SECRET, tolerance: 60 },
  { type: "twilio", secret: SECRET, url: "https://hooks.example.com/twilio" },
  { type: "standard-webhooks", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
  { type: "hmac", secret: SECRET, header: "X-Signature" },
  { type: "hmac", secret: SECRET, header: "X-Signature", signed_content: "{body}" },
  { type: "hmac", secret: SECRET, header: "X-Signature", signed_content: UNKNOWN },
  {
    type: "hmac",
    secret: SECRET,
    header: "X-Signature",
    timestamp_header: "X-Time",
    signed_content: "v0:{timestamp}:{body}",
    tolerance: 30,
    algorithm: "sha512",
    encoding: "base64",
    prefix: "sha512=",
  },
])("takes %o", (verification) => {
  expect(problems(verification)).toEqual([]);
});

test.each<[Values, string]>([
  [{ secret: SECRET }, 'verification.secret means nothing when type is "none"'],
  [{ type: "none", previous_secret_until: 1 }, 'verification.previous_secret_until means nothing when type is "none"'],
  [{ type: "github" }, 'verification.secret is required when type is "github"'],
  [{ type: "github", secret: "" }, 'verification.secret is required when type is "github"'],
  [{ type: "github", secret: "short" }, "verification.secret must have at least 8 characters, it has 5"],
  [{ type: "github", secret: `${SECRET}\n` }, "verification.secret must not begin or end with white space"],
  [{ type: "github", secret: SECRET, tolerance: 5 }, 'verification.tolerance means nothing when type is "github"'],
  [
    { type: "stripe", secret: SECRET, url: "https://a.example" },
    'verification.url means nothing when type is "stripe"',
  ],
  [{ type: "slack", secret: SECRET, header: "X-A" }, 'verification.header means nothing when type is "slack"'],
  [
    { type: "standard-webhooks", secret: "not base64!" },
    'verification.secret must be "whsec_" and base64, as the sender shows it',
  ],
  [
    { type: "standard-webhooks", secret: `whsec_${"A".repeat(32)}`, previous_secret: "whsec_??" },
    'verification.previous_secret must be "whsec_" and base64, as the sender shows it',
  ],
  [
    { type: "twilio", secret: SECRET, url: "https://a.example/?x=1" },
    "verification.url must not contain a query: each webhook brings its own",
  ],
  [{ type: "hmac", secret: SECRET }, 'verification.header is required when type is "hmac"'],
  [
    { type: "hmac", secret: SECRET, header: "Content-Length" },
    "verification.header must not be Content-Length, which HTTP sets itself",
  ],
  [
    { type: "hmac", secret: SECRET, header: "X-S", tolerance: 5 },
    "verification.tolerance means nothing without timestamp_header",
  ],
  [
    { type: "hmac", secret: SECRET, header: "X-S", signed_content: "{timestamp}.{body}" },
    "verification.signed_content has {timestamp}, but there is no timestamp_header",
  ],
  [
    { type: "hmac", secret: SECRET, header: "X-S", signed_content: "{id}.{body}" },
    'verification.signed_content has "{id}", but there are {body} and {timestamp} only',
  ],
  [
    { type: "hmac", secret: SECRET, header: "X-S", signed_content: "x" },
    "verification.signed_content must have {body} in it once",
  ],
])("refuses %o", (verification, problem) => {
  expect(problems(verification)).toEqual([problem]);
});

test("threat: a time that is not signed would be anybody's to choose", () => {
  const verification = {
    type: "hmac",
    secret: SECRET,
    header: "X-S",
    timestamp_header: "X-T",
    signed_content: "{body}",
  };
  expect(problems(verification)).toEqual([
    "verification.signed_content must have {timestamp} in it once, or the time could be changed by anybody",
  ]);
});
