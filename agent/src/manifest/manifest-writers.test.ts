import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { exportedManifest } from "./exported-manifest.js";
import { loadManifest } from "./load-manifest.js";
import { manifestText } from "./manifest-writers.js";

const directory = mkdtempSync(join(tmpdir(), "relay-export-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const EXPORTED = {
  content: {
    tokens: { ci: { scopes: { buckets: ["github"] } } },
    buckets: {
      zebra: {},
      github: {
        inputs: { push: { body: "one\ntwo\n", status_code: 202, headers: { "X-B": ["2"], "X-A": ["1"] } } },
        auth: { username: "gh", type: "basic" },
        description: "pull requests",
      },
      "a b": { auth: { type: "token" } },
    },
  },
  secrets: ["buckets.github.auth.password", 'buckets["a b"].auth.token', "tokens.ci.own_secret"],
};

test("YAML: a stable order, and references that say they must be supplied", () => {
  expect(manifestText(exportedManifest(EXPORTED, "shop"), "yaml")).toBe(`manifest: 1
name: shop
buckets:
  a b:
    auth:
      type: token
      token: { env: RELAY_A_B_AUTH_TOKEN } # must be supplied: the server keeps no secret in plain text
  github:
    description: pull requests
    auth:
      type: basic
      username: gh
      password: { env: RELAY_GITHUB_AUTH_PASSWORD } # must be supplied: the server keeps no secret in plain text
    inputs:
      push:
        status_code: 202
        headers:
          X-A:
            - "1"
          X-B:
            - "2"
        body: |
          one
          two
  zebra: {}
tokens:
  ci:
    scopes:
      buckets:
        - github
    own_secret: { env: RELAY_CI_OWN_SECRET } # must be supplied: the server keeps no secret in plain text
`);
});

test("TypeScript: a checked value", () => {
  const exported = {
    content: { buckets: { "a-b": { auth: { type: "basic" } } } },
    secrets: ['buckets["a-b"].auth.password'],
  };
  expect(
    manifestText(exportedManifest(exported, undefined), "ts"),
  ).toBe(`import { defineManifest } from "@relay/provider-schema";

export default defineManifest({
  manifest: 1,
  buckets: {
    "a-b": {
      auth: {
        type: "basic",
        password: {
          env: "RELAY_A_B_AUTH_PASSWORD",
        }, // must be supplied: the server keeps no secret in plain text
      },
    },
  },
});
`);
});

test("two places never share a variable", () => {
  const content = { buckets: { "a-b": {}, "a b": {} } };
  const secrets = ['buckets["a-b"].auth.token', 'buckets["a b"].auth.token'];
  expect(exportedManifest({ content, secrets }, undefined).references.map(({ variable }) => variable)).toEqual([
    "RELAY_A_B_AUTH_TOKEN",
    "RELAY_A_B_AUTH_TOKEN_2",
  ]);
});

describe("whatever exists is read back as it was", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }).filter((value) => !value.includes("\0")),
    fc.constantFrom(
      "yes",
      "1.0",
      "null",
      "~",
      "- a",
      "# x",
      "a: b",
      " lead",
      "trail ",
      "é\n\n",
      "\n",
      "|",
      "'\"",
      "---",
      "\u2028",
      "\ufeff",
    ),
  );
  const name = fc.oneof(
    fc.stringMatching(/^[\x21-\x7e\u00e0-\u00ff]{1,20}$/),
    fc.constantFrom(
      "__proto__",
      "constructor",
      "null",
      "true",
      "404",
      "1.0",
      "a b",
      "a.b",
      "[0]",
      '"',
      "<<",
      "*x",
      "&x",
      "!t",
      "%",
      "@",
    ),
  );
  const description = fc.option(text, { nil: undefined });
  const headers = fc.option(
    fc
      .dictionary(
        fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,12}$/),
        fc.array(fc.stringMatching(/^[\t\x20-\x7e]{0,20}$/), { maxLength: 3 }),
        { maxKeys: 3 },
      )
      .filter((map) =>
        Object.keys(map).every((key) => !["te", "connection", "trailer", "upgrade"].includes(key.toLowerCase())),
      ),
    { nil: undefined },
  );
  const input = fc.record({
    description,
    headers,
    body: fc.option(text, { nil: undefined }),
    status_code: fc.constantFrom(0, 202),
  });
  const output = fc.record({
    description,
    headers,
    destination: fc.constant("https://x.example/a?b=c"),
    agents: fc.constantFrom("one", "each"),
  });
  const objects = <T>(value: fc.Arbitrary<T>) => fc.dictionary(name, value, { maxKeys: 4, noNullPrototype: true });
  const bucket = fc.record({ description, stream: fc.boolean(), inputs: objects(input), outputs: objects(output) });
  const token = fc.record({ description, scopes: fc.record({ buckets: fc.uniqueArray(name, { maxLength: 3 }) }) });
  const content = fc.record({ buckets: objects(bucket), tokens: objects(token) });

  /** As JSON has it, without empty collections: neither says anything. */
  const meaning = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (key, each: unknown) =>
      ["buckets", "tokens", "inputs", "outputs"].includes(key) && JSON.stringify(each) === "{}" ? undefined : each,
    );

  test.each(["yaml", "json", "ts"] as const)("%s", async (format) => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(content, async (exists) => {
        const exported = exportedManifest({ content: JSON.parse(JSON.stringify(exists)), secrets: [] }, undefined);
        const written = manifestText(exported, format);
        count += 1;
        const file = join(directory, `${count}.${format === "ts" ? "mjs" : format}`);
        // Without its import the TypeScript is JavaScript.
        writeFileSync(file, written.replace(/^import .*\n/, "const defineManifest = (value) => value;\n"));
        const loaded = await loadManifest({ files: [file], environment: undefined, stdin: Readable.from([]) });
        expect(meaning(loaded.content)).toEqual(meaning(exists));
        expect(manifestText(exportedManifest({ content: loaded.content, secrets: [] }, undefined), format)).toBe(
          written,
        );
      }),
      { numRuns: 60 },
    );
  });
});
