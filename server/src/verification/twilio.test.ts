import { createHash, createHmac } from "node:crypto";
import { parse, stringify } from "node:querystring";
import fc from "fast-check";
import twilioPackage from "twilio";
import { expect, test } from "vitest";
import { oneChanged, signedRequest, someSecret } from "../../test/support/signed-request.js";
import { twilio } from "./twilio.js";
import type { Verdict } from "./verification.js";

const { getExpectedTwilioSignature, validateRequest, validateRequestWithBody } = twilioPackage;

const NOW = Date.UTC(2026, 0, 1);
const URL = "https://hooks.example.com/v1/webhooks/7f4b1f86-29e3-4f0e-8d2c-0a6b7a1f5a10";
const FORM = "application/x-www-form-urlencoded";

interface Signed {
  readonly secret: string;
  /** The address without the suffix. */
  readonly url?: string;
  readonly suffix: string;
  readonly body: string;
  readonly type?: string;
  readonly signature: string;
}

function ask(signed: Signed, setting = ""): Verdict {
  const headers: Record<string, string> = { "X-Twilio-Signature": signed.signature };
  if (signed.type !== undefined) headers["Content-Type"] = signed.type;
  const { body, suffix, url } = signed;
  return twilio([signed.secret], setting)(signedRequest({ headers, body, suffix, inputUrl: url ?? URL }), NOW);
}

test("the examples of Twilio's documentation and package are right", () => {
  // https://www.twilio.com/docs/usage/security#validating-requests
  const fields = {
    CallSid: "CA1234567890ABCDE",
    Caller: "+12349013030",
    Digits: "1234",
    From: "+12349013030",
    To: "+18005551212",
  };
  const url = "https://mycompany.com/myapp.php";
  const form = {
    secret: "12345",
    url,
    suffix: "?foo=1&bar=2",
    body: stringify(fields),
    type: FORM,
    signature: "0/KCTR6DLpKmkAf8muzZqo1nDgQ=",
  };
  expect(ask(form)).toEqual({ ok: true });
  expect(ask({ ...form, url: "https://elsewhere.example.com" }, url)).toEqual({ ok: true });
  expect(ask({ ...form, body: form.body.replace("1234", "1235") })).toEqual({ ok: false, reason: "mismatch" });
  // https://github.com/twilio/twilio-node/blob/main/spec/validation.spec.ts
  const json = {
    secret: "12345",
    url,
    suffix: "?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
    body: '{"property": "value", "boolean": true}',
    type: "application/json",
    signature: "a9nBmqA0ju/hNViExpshrM61xv4=",
  };
  expect(ask(json)).toEqual({ ok: true });
  expect(ask({ ...json, body: '{"property": "value", "boolean": false}' })).toEqual({ ok: false, reason: "mismatch" });
});

const someFields = fc.dictionary(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
  fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.array(fc.string({ unit: "grapheme", maxLength: 8 }), { minLength: 2, maxLength: 4 }),
  ),
  { maxKeys: 8 },
);
const someSuffix = fc.constantFrom("", "?a=1", "/extra/path?x=a%20b&y='quoted'", "/it's?x=%7E", "?q=a+b&q=c");
const someUrl = fc.constantFrom(
  URL,
  "https://hooks.example.com:8443/v1/webhooks/x",
  "http://hooks.example.com/x",
  "https://user:secret@hooks.example.com/x",
  "https://[2001:db8::1]:8443/x",
);

test("what Twilio's package signs is right, with the port in the address and without", () => {
  fc.assert(
    fc.property(someSecret(), someUrl, someSuffix, someFields, (secret, url, suffix, fields) => {
      const body = stringify(fields);
      const signature = getExpectedTwilioSignature(secret, url + suffix, parse(body));
      expect(ask({ secret, url, suffix, body, type: FORM, signature })).toEqual({ ok: true });
      const spelled = url.replace(/^(https:\/\/hooks\.example\.com)\//, "$1:443/");
      const ported = getExpectedTwilioSignature(secret, spelled + suffix, parse(body));
      expect(ask({ secret, url, suffix, body, type: FORM, signature: ported })).toEqual({ ok: true });
    }),
  );
});

test("what Twilio's package takes is right, whichever spelling of the address was signed", () => {
  const spellings = [
    "https://h.example.com:443/it's?x=a b",
    "https://h.example.com/it's?x=a%20b'",
    "https://h.example.com/?x=%27",
  ];
  for (const url of [
    "https://h.example.com/it's?x=a b",
    "https://h.example.com/it's?x=a%20b'",
    "https://h.example.com/?x='",
  ]) {
    for (const spelling of spellings) {
      const signature = getExpectedTwilioSignature("s", spelling, {});
      const expected = validateRequest("s", signature, url, {});
      const question = url.indexOf("?");
      const parts = { url: url.slice(0, question), suffix: url.slice(question) };
      expect(ask({ secret: "s", ...parts, body: "", signature }).ok, `${spelling} for ${url}`).toBe(expected);
    }
  }
});

test("threat: a byte of body, address, signature or secret changed: refused where Twilio's package refuses", () => {
  let refusedByThem = 0;
  const changed = fc.tuple(someSecret(), someSuffix, someFields).chain(([secret, suffix, fields]) => {
    const body = stringify(fields);
    const right = { secret, suffix, body, signature: getExpectedTwilioSignature(secret, URL + suffix, parse(body)) };
    return fc.oneof(
      oneChanged(secret).map((other) => ({ ...right, secret: other })),
      oneChanged(suffix).map((other) => ({ ...right, suffix: other })),
      oneChanged(body).map((other) => ({ ...right, body: other })),
      oneChanged(right.signature).map((other) => ({ ...right, signature: other })),
    );
  });
  fc.assert(
    fc.property(changed, (signed) => {
      const { secret, suffix, body, signature } = signed;
      // Of what is signed as a text, some changes of the form are none: "+" for "%20", or "=" moved along the text.
      if (validateRequest(secret, signature, URL + suffix, parse(body))) return;
      refusedByThem += 1;
      expect(ask({ ...signed, type: FORM }).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
  expect(refusedByThem).toBeGreaterThan(300);
});

test("threat: a byte of a JSON body or of its hash changed: refused where Twilio's package refuses", () => {
  let refusedByThem = 0;
  const changed = fc.tuple(someSecret(), fc.json()).chain(([secret, body]) => {
    const suffix = `?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
    const right = { secret, suffix, body, signature: getExpectedTwilioSignature(secret, URL + suffix, {}) };
    expect(validateRequestWithBody(secret, right.signature, URL + suffix, body)).toBe(true);
    expect(ask({ ...right, type: "application/json" })).toEqual({ ok: true });
    return fc.oneof(
      oneChanged(suffix).map((other) => ({ ...right, suffix: other })),
      oneChanged(body).map((other) => ({ ...right, body: other })),
      oneChanged(right.signature).map((other) => ({ ...right, signature: other })),
    );
  });
  fc.assert(
    fc.property(changed, (signed) => {
      const { secret, suffix, body, signature } = signed;
      if (validateRequestWithBody(secret, signature, URL + suffix, body)) return;
      refusedByThem += 1;
      expect(ask({ ...signed, type: "application/json" }).ok).toBe(false);
    }),
    { numRuns: 300 },
  );
  expect(refusedByThem).toBeGreaterThan(200);
});

test("threat: the signature of a request without a body is put on one with a body", () => {
  const signature = getExpectedTwilioSignature("s", URL, {});
  expect(ask({ secret: "s", suffix: "", body: "", signature })).toEqual({ ok: true });
  for (const type of ["application/json", "text/plain", `multipart/form-data; boundary=${FORM}`, undefined]) {
    const swapped = { secret: "s", suffix: "", body: '{"a":1}', signature, ...(type === undefined ? {} : { type }) };
    expect(ask(swapped)).toEqual({ ok: false, reason: "malformed" });
  }
  expect(ask({ secret: "s", suffix: "", body: "a=1", type: FORM, signature })).toEqual({
    ok: false,
    reason: "mismatch",
  });
});

test("threat: bytes that are no UTF-8 are not taken for the sign that stands for them", () => {
  const signature = getExpectedTwilioSignature("s", URL, { a: "\ufffd" });
  expect(ask({ secret: "s", suffix: "", body: "a=%EF%BF%BD", type: FORM, signature })).toEqual({ ok: true });
  const swapped = { secret: "s", suffix: "", body: "a=%FF", type: FORM, signature };
  expect(ask(swapped)).toEqual({ ok: false, reason: "malformed" });
});

test("threat: a form too large to be Twilio's is not sorted; an empty secret is no key; two signatures are none", () => {
  const large = { secret: "s", suffix: "", body: "a=1&".repeat(100_000), type: FORM };
  expect(ask({ ...large, signature: "A".repeat(27).concat("=") })).toEqual({ ok: false, reason: "malformed" });
  const unkeyed = createHmac("sha1", "").update(URL).digest("base64");
  expect(ask({ secret: "", suffix: "", body: "", signature: unkeyed })).toEqual({ ok: false, reason: "mismatch" });
  const right = getExpectedTwilioSignature("s", URL, {});
  const headers = { "X-Twilio-Signature": [right, right] };
  expect(twilio(["s"], "")(signedRequest({ headers, body: "", inputUrl: URL }), NOW)).toEqual({
    ok: false,
    reason: "malformed",
  });
});
