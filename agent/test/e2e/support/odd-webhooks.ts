import { randomBytes } from "node:crypto";
import { METHODS } from "node:http";
import { gzipSync } from "node:zlib";
import type { RawWebhook } from "./raw-sender.js";

/** Requests that a relay which parses, decodes or re-encodes would change. The key says what is odd. */
export function oddWebhooks(): ReadonlyMap<string, RawWebhook> {
  const webhooks = new Map<string, RawWebhook>();
  for (const [name, body] of Object.entries(BODIES)) webhooks.set(`body: ${name}`, webhook({ body: bytes(body) }));
  for (const [name, { fields, body, chunks }] of Object.entries(FRAMED)) {
    const framed = webhook({ fields, body: bytes(body ?? "") });
    webhooks.set(`framing: ${name}`, chunks === undefined ? framed : { ...framed, chunks });
  }
  for (const [name, fields] of Object.entries(FIELDS)) webhooks.set(`fields: ${name}`, webhook({ fields }));
  for (const target of TARGETS) webhooks.set(`target: ${target}`, webhook({ target }));
  for (const method of METHODS) {
    if (method === "CONNECT") continue;
    webhooks.set(`method: ${method}`, webhook({ method }));
    webhooks.set(`method: ${method} with a body`, webhook({ method, body: bytes(`{"method":"${method}"}`) }));
  }
  return webhooks;
}

/** Largest body of an ordinary bucket. */
const LARGEST = 3 * 1024 * 1024;

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, value) => value));

const BODIES: Readonly<Record<string, Buffer | string>> = {
  empty: "",
  "one null byte": Buffer.from([0]),
  "every byte value": ALL_BYTES,
  "byte order mark": "\ufeff{}",
  "UTF-16 with a byte order mark": Buffer.from("\ufeff{}", "utf16le"),
  "invalid UTF-8": Buffer.from([0x7b, 0xc3, 0x28, 0xff, 0xfe, 0x7d]),
  "line ends of all kinds": "a\r\nb\nc\rd\r\n\r\n0\r\n\r\n",
  "duplicate keys": '{"a":1,"a":2,"__proto__":{"a":3},"a":1}',
  "numbers that parsing would change": '{"one":1.0,"big":12345678901234567890,"tiny":1e-400,"minus":-0,"exp":1E+2}',
  "blanks and escapes": '{ "\\u00e9" : "\\/ \\ud800" ,\t"é":"\u2028" }\n\n',
  "keys in an order of their own": '{"b":1,"10":2,"9":3,"a":4}',
  "not JSON at all": "{'a': undefined,}",
  "one byte less than a frame": randomBytes(16_383),
  "a quarter of a megabyte": randomBytes(256 * 1024),
  "3 MB exactly": randomBytes(LARGEST),
};

const FRAMED: Readonly<
  Record<string, { fields: readonly (readonly [string, string])[]; body?: Buffer | string; chunks?: readonly number[] }>
> = {
  gzip: {
    fields: [
      ["Content-Type", "application/json"],
      ["Content-Encoding", "gzip"],
    ],
    body: gzipSync('{"zipped":true}'),
  },
  "an encoding that is a lie": { fields: [["Content-Encoding", "br"]], body: "not brotli" },
  form: { fields: [["content-type", "application/x-www-form-urlencoded"]], body: "a=1&a=2&b=%20+%2B&c=%zz&=&&d" },
  multipart: {
    fields: [["Content-Type", 'multipart/form-data; boundary="a b"']],
    body: Buffer.concat([
      Buffer.from('--a b\r\nContent-Disposition: form-data; name="f"; filename="\u00fc"\r\n\r\n'),
      ALL_BYTES,
      Buffer.from("\r\n--a b--\r\nepilogue"),
    ]),
  },
  chunked: { fields: [["Content-Type", "text/plain"]], body: "in three pieces", chunks: [2, 1, 12] },
  "chunked, empty": { fields: [], body: "", chunks: [] },
  "chunked, 3 MB exactly": { fields: [], body: randomBytes(LARGEST), chunks: [1, 65_536, 1_000_000] },
  "charset nobody has": { fields: [["Content-Type", "text/plain; charset=klingon"]], body: "\u00e4" },
};

const FIELDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  repeated: [
    ["X-Twice", "first"],
    ["Accept", "a/b"],
    ["x-twice", "second"],
    ["X-Twice", "first"],
    ["Accept", "c/d"],
    ["Cookie", "a=1"],
    ["Cookie", "b=2; c=3"],
    ["Set-Cookie", "sender=odd"],
    ["Authorization", "Bearer for-the-destination"],
    ["User-Agent", "one"],
    ["User-Agent", "two"],
  ],
  "cases of all kinds": [
    ["x-lower", "v"],
    ["X-UPPER", "V"],
    ["x-MiXeD", "v"],
    ["X_Under_Score", "v"],
    ["ETag", '"weak"'],
    ["content-md5", "x"],
  ],
  "ISO 8859-1": [
    ["X-Latin", "caf\u00e9 \u00ff \u0080 \u00a0"],
    ["X-Utf8", Buffer.from("\u2603 snowman").toString("latin1")],
  ],
  "empty values, tabs and blanks": [
    ["X-Empty", ""],
    ["X-Tab", "a\tb   c"],
    ["X-Comma", ", ,a,,"],
  ],
  "odd names": [
    ["!#$%&'*+-.^_`|~0", "every character a name may have"],
    ["0", "a number"],
    ["constructor", "a property of objects"],
    ["__proto__", "another one"],
    ["toString", "a third one"],
  ],
  "hop-by-hop": [
    ["X-Kept", "1"],
    ["Connection", "X-Dropped, keep-alive"],
    ["X-Dropped", "named by Connection"],
    ["Keep-Alive", "timeout=5"],
    ["TE", "trailers"],
    ["Proxy-Authorization", "Basic eDp5"],
    ["Proxy-Connection", "keep-alive"],
    ["X-Kept", "2"],
  ],
  "names of the relay's own, forged": [
    ["X-Relay-Delivery-Id", "forged"],
    ["x-relay-attempt", "99"],
    ["X-Relay-Else", "kept"],
  ],
  "what proxies add": [
    ["X-Forwarded-For", "203.0.113.9"],
    ["Forwarded", "for=203.0.113.9"],
    ["Via", "1.1 edge"],
    ["Expect", "100-continue"],
  ],
  "four hundred": Array.from({ length: 400 }, (_, n) => [`X-Number-${n % 7}`, String(n)] as const),
  "a value of 16 KB": [["X-Long", "v".repeat(16 * 1024)]],
  "1,500 of two bytes": Array.from({ length: 1_500 }, (_, n) => ["a", String(n % 10)] as const),
};

const TARGETS: readonly string[] = [
  "",
  "/",
  "//",
  "//double//slash/",
  "/..",
  "/a/../b/./c/..",
  "/..%2f..%2Fetc/passwd",
  "/%2F/%2f/%7e/~/%zz/%",
  "/%00/%0a%0d/%C3%A9/%c3%a9",
  "/+plus/%20",
  "/semi;colon=1/comma,/@:!$&'()*",
  '/quote"/<angle>/{brace}/|pipe|/\\back\\slash/^caret/`tick`',
  "/http://elsewhere.example/",
  "?",
  "??",
  "/?",
  "?a",
  "?a&b=&=c&&d=1&d=2",
  "?q=%zz&r=%2F&s=+&t=%20&u=%e9",
  "/path?with=question?mark&and/slash/../..",
  "?redirect=http://127.0.0.1:1/%3Fx%3D1",
  `/${"long/".repeat(800)}`,
];

function webhook({ method = "POST", target = "", fields = [], body = bytes("{}") }: Partial<RawWebhook>): RawWebhook {
  return { method, target, fields, body };
}

function bytes(text: Buffer | string): Buffer {
  return typeof text === "string" ? Buffer.from(text) : text;
}
