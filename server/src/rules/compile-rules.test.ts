import { createHmac } from "node:crypto";
import type { Rule, RuleMatch } from "@relay/provider-schema";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileRules } from "./compile-rules.js";
import { WebhookFacts, type WebhookParts } from "./webhook-facts.js";

const PARTS: WebhookParts = {
  method: "POST",
  path: "/repo/main",
  rawQuery: "token=a%20b&token=c&empty=",
  headers: ["X-Event", "push", "x-event", "tag", "X-Name", "Zo\u00c3\u00ab", "Content-Type", "application/json"],
  body: Buffer.from('{"ref":"refs/heads/main","n":1234567890123456789,"list":[{"a.b":"dot"}],"__proto__":{"x":"y"}}'),
  remoteAddress: "192.0.2.7",
};

function verdict(tree: unknown, changed: Partial<WebhookParts> = {}) {
  return compileRules(tree).accepts(new WebhookFacts({ ...PARTS, ...changed }));
}

function accepts(match: RuleMatch, changed: Partial<WebhookParts> = {}): boolean {
  return verdict({ match }, changed).accepted;
}

const from = (source: "header" | "payload" | "query" | "body" | "path" | "method" | "ip", name?: string) =>
  name === undefined ? { source } : { source, name };

function reason(tree: unknown, changed: Partial<WebhookParts> = {}): string {
  const result = verdict(tree, changed);
  return result.accepted ? "accepted" : result.reason;
}

describe("a match looks at", () => {
  test.each([
    ["any value of a repeated header, whatever the case", from("header", "X-EVENT"), "tag"],
    ["a header in UTF-8", from("header", "x-name"), "Zoë"],
    ["a place in the JSON", from("payload", "ref"), "refs/heads/main"],
    ["a number as it was written", from("payload", "n"), "1234567890123456789"],
    ["a name with a dot inside a list", from("payload", "list.0.a.b"), "dot"],
    ["an object as it was written", from("payload", "list.0"), '{"a.b":"dot"}'],
    ["a name of every object's prototype", from("payload", "__proto__.x"), "y"],
    ["a query parameter, decoded", from("query", "token"), "a b"],
    ["an empty query parameter", from("query", "empty"), ""],
    ["the path", from("path"), "/repo/main"],
    ["the method", from("method"), "POST"],
    ["the sender's address", from("ip"), "192.0.2.7"],
  ])("%s", (_, parameter, value) => {
    expect(accepts({ type: "value", parameter, value })).toBe(true);
    expect(accepts({ type: "value", parameter, value: `${value}x` })).toBe(false);
    expect(accepts({ type: "does-not-contain", parameter, value: `${value}x` })).toBe(true);
  });

  test("a form, and JSON in its fields", () => {
    const form = {
      headers: ["content-type", "application/x-www-form-urlencoded; charset=utf-8"],
      body: Buffer.from(`a=1&a=2&payload=${encodeURIComponent('{"ref":"main"}')}`),
    };
    expect(accepts({ type: "value", parameter: from("payload", "a"), value: "2" }, form)).toBe(true);
    expect(accepts({ type: "value", parameter: from("payload", "payload.ref"), value: "main" }, form)).toBe(true);
    expect(accepts({ type: "value", parameter: from("payload", "payload.x"), value: "" }, form)).toBe(false);
  });

  test("nothing where nothing is", () => {
    for (const parameter of [from("header", "no"), from("payload", "constructor"), from("query", "no")]) {
      expect(accepts({ type: "regex", parameter, regex: ".*" })).toBe(false);
      expect(accepts({ type: "contains", parameter, value: "a" })).toBe(false);
      expect(accepts({ type: "does-not-contain", parameter, value: "a" })).toBe(true);
    }
  });

  test("base64, decoded", () => {
    const parameter = { source: "query", name: "q", base64decode: true } as const;
    const rawQuery = `q=${encodeURIComponent(Buffer.from("push").toString("base64"))}`;
    expect(accepts({ type: "value", parameter, value: "push" }, { rawQuery })).toBe(true);
    expect(accepts({ type: "regex", parameter, regex: ".*" }, { rawQuery: "q=***" })).toBe(false);
  });
});

describe("a match tests", () => {
  test("a regular expression anywhere in the text", () => {
    const parameter = from("payload", "ref");
    expect(accepts({ type: "regex", parameter, regex: "heads/(main|release)$" })).toBe(true);
    expect(accepts({ type: "regex", parameter, regex: "(?i)^REFS/" })).toBe(true);
    expect(accepts({ type: "regex", parameter, regex: "^heads" })).toBe(false);
  });

  test("the signature of the body, with and without the algorithm's name, one of several", () => {
    for (const algorithm of ["sha1", "sha256", "sha512"] as const) {
      const hash = createHmac(algorithm, "s3cret").update(PARTS.body).digest("hex");
      const match = {
        type: `payload-hash-${algorithm}`,
        parameter: from("header", "X-Sig"),
        secret: "s3cret",
      } as const;
      for (const value of [hash, hash.toUpperCase(), `${algorithm}=${hash}`, `${algorithm}=00, ${algorithm}=${hash}`]) {
        expect(accepts(match, { headers: ["x-sig", value] })).toBe(true);
      }
      for (const value of [
        "",
        hash.slice(2),
        `md5=${hash}`,
        hash.replace(/./, (digit) => (digit === "0" ? "1" : "0")),
      ]) {
        expect(accepts(match, { headers: ["x-sig", value] })).toBe(false);
      }
      expect(accepts({ ...match, secret: "other" }, { headers: ["x-sig", hash] })).toBe(false);
    }
  });

  test("the sender's network, also as an IPv4-mapped address", () => {
    const match = { type: "ip-whitelist", "ip-range": "2001:db8::/32 192.0.2.0/29,198.51.100.1" } as const;
    for (const remoteAddress of ["192.0.2.7", "198.51.100.1", "2001:db8::1", "::ffff:192.0.2.1"]) {
      expect(accepts(match, { remoteAddress })).toBe(true);
    }
    for (const remoteAddress of ["192.0.2.8", "2001:db9::1", "::1", "", "unknown"]) {
      expect(accepts(match, { remoteAddress })).toBe(false);
    }
  });
});

describe("a rejection names the rule", () => {
  const event = (value: string) => ({ match: { type: "value", parameter: from("header", "X-Event"), value } });
  const missing = { match: { type: "value", parameter: from("header", "X-No"), value: "a" } };

  test.each([
    [event("fork"), "rules.match: header X-Event has another value"],
    [missing, "rules.match: there is no header X-No"],
    [{ and: [event("push"), event("fork")] }, "rules.and[1].match: header X-Event has another value"],
    [{ or: [event("fork"), missing] }, "rules.or: none of its 2 rules holds"],
    [{ or: [event("fork")] }, "rules.or[0].match: header X-Event has another value"],
    [{ not: event("push") }, "rules.not.match: header X-Event has the value, and must not"],
    [{ not: [event("fork"), event("push")] }, "rules.not[1].match: header X-Event has the value, and must not"],
    [{ not: { and: [event("push"), event("tag")] } }, "rules.not.and: all 2 rules hold, and must not"],
    [{ not: { not: [event("a"), event("b")] } }, "rules.not.not: none of its 2 rules holds"],
  ])("case %#", (tree, expected) => expect(reason(tree)).toBe(expected));

  test("and says why a body cannot be looked into", () => {
    const tree = { match: { type: "value", parameter: from("payload", "a"), value: "b" } };
    expect(reason(tree, { body: Buffer.from("{") })).toBe("rules.match: there is no payload a: the body is not JSON");
    expect(reason(tree, { body: Buffer.alloc(1_048_577, " ") })).toBe(
      "rules.match: there is no payload a: the body is larger than 1048576 bytes",
    );
  });

  test("threat: it repeats no secret and nothing of the webhook", () => {
    const tree = {
      or: [
        { match: { type: "payload-hash-sha256", parameter: from("header", "X-Event"), secret: "hunter2" } },
        { match: { type: "value", parameter: from("query", "token"), value: "hunter2" } },
        { match: { type: "contains", parameter: from("body"), value: "hunter2" } },
      ],
    };
    for (const each of [tree, ...tree.or]) {
      expect(reason(each)).not.toMatch(/hunter2|push|refs|a b/);
    }
    const name = `a\n${"b".repeat(200)}`;
    expect(reason({ match: { type: "value", parameter: from("header", name), value: "" } })).not.toContain("\n");
  });

  test("what cannot be read rejects", () => {
    expect(reason({ and: "all" })).toBe("rules: cannot be read; write them anew");
    expect(reason(null)).toBe("accepted");
    expect(reason({})).toBe("accepted");
  });
});

const WORDS = ["push", "tag", "a", "main", "", "POST", "refs"];

const leaf: fc.Arbitrary<Rule> = fc
  .record({
    type: fc.constantFrom("value", "contains", "does-not-contain", "regex"),
    parameter: fc.constantFrom(
      from("header", "X-Event"),
      from("header", "X-No"),
      from("payload", "ref"),
      from("query", "token"),
      from("body"),
      from("method"),
    ),
    text: fc.constantFrom(...WORDS.filter((word) => word !== "")),
  })
  .map(({ type, parameter, text }): Rule => {
    if (type === "regex") return { match: { type, parameter, regex: text } };
    return { match: { type: type as "value", parameter, value: text } };
  });

const rules = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((and): Rule => ({ and })),
    fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((or): Rule => ({ or })),
    tie("rule").map((not): Rule => ({ not })),
    fc.array(tie("rule"), { minLength: 1, maxLength: 3 }).map((not): Rule => ({ not })),
  ),
})).rule;

const webhooks: fc.Arbitrary<Partial<WebhookParts>> = fc.record({
  method: fc.constantFrom("POST", "GET"),
  rawQuery: fc.constantFrom("", "token=a", "token=push&token=main"),
  headers: fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }).map((values) => values.flatMap((v) => ["X-Event", v])),
  body: fc.oneof(
    fc.constantFrom(...WORDS).map((ref) => Buffer.from(JSON.stringify({ ref }))),
    fc.uint8Array({ maxLength: 20 }),
  ),
});

/** The grammar, read as naively as it can be. */
function naive(rule: Rule, parts: WebhookParts): boolean {
  if ("and" in rule) return rule.and.every((each) => naive(each, parts));
  if ("or" in rule) return rule.or.some((each) => naive(each, parts));
  if ("not" in rule) return ![rule.not].flat().some((each) => naive(each as Rule, parts));
  const { type, value = "", regex = "" } = rule.match;
  const texts = textsOf(rule.match, parts);
  if (type === "value") return texts.some((text) => text === value);
  if (type === "contains") return texts.some((text) => text.includes(value));
  if (type === "regex") return texts.some((text) => new RegExp(regex).test(text));
  return !texts.some((text) => text.includes(value));
}

function textsOf({ parameter }: RuleMatch, parts: WebhookParts): string[] {
  const body = Buffer.from(parts.body).toString();
  switch (parameter?.source) {
    case "header":
      return parts.headers.filter((_, at) => at % 2 === 1 && parts.headers[at - 1] === parameter.name);
    case "query":
      return new URLSearchParams(parts.rawQuery).getAll(parameter.name ?? "");
    case "payload":
      try {
        return [JSON.parse(body)?.ref].filter((ref) => typeof ref === "string");
      } catch {
        return [];
      }
    case "body":
      return [body];
    default:
      return [parts.method];
  }
}

describe("for every tree and every webhook", () => {
  test("the verdict is that of the grammar read naively", () => {
    fc.assert(
      fc.property(rules, webhooks, (tree, changed) => {
        expect(verdict(tree, changed).accepted).toBe(naive(tree, { ...PARTS, ...changed }));
      }),
      { numRuns: 2_000 },
    );
  });

  test("De Morgan's laws hold, and not not is nothing", () => {
    fc.assert(
      fc.property(rules, rules, webhooks, (a, b, changed) => {
        const is = (tree: Rule) => verdict(tree, changed).accepted;
        expect(is({ not: { and: [a, b] } })).toBe(is({ or: [{ not: a }, { not: b }] }));
        expect(is({ not: { or: [a, b] } })).toBe(is({ and: [{ not: a }, { not: b }] }));
        expect(is({ not: [a, b] })).toBe(is({ not: { or: [a, b] } }));
        expect(is({ not: { not: a } })).toBe(is(a));
      }),
      { numRuns: 500 },
    );
  });

  test("a rejection names a node of the tree", () => {
    fc.assert(
      fc.property(rules, webhooks, (tree, changed) => {
        const result = verdict(tree, changed);
        if (result.accepted) return;
        const path = result.reason.slice("rules.".length, result.reason.indexOf(":"));
        const node = path.split(/[.[\]]+/).filter((step) => step !== "");
        expect(node.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], tree)).toBeTypeOf("object");
      }),
      { numRuns: 1_000 },
    );
  });
});

test("threat: no bytes from strangers make an evaluation throw", () => {
  const parameters = [from("payload", "a.0.b"), from("query", "a"), from("header", "a"), from("body")];
  const or = parameters.flatMap((parameter) => [
    { match: { type: "regex", parameter, regex: "(a+)+$" } },
    { match: { type: "payload-hash-sha256", parameter: { ...parameter, base64decode: true }, secret: "s" } },
  ]);
  const compiled = compileRules({ or: [...or, { match: { type: "ip-whitelist", "ip-range": "10.0.0.0/8" } }] });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary" }),
      fc.array(fc.string({ unit: "binary" })),
      (body, text, headers) => {
        const parts = { method: text, path: text, rawQuery: text, remoteAddress: text, headers, body };
        expect(typeof compiled.accepts(new WebhookFacts(parts)).accepted).toBe("boolean");
      },
    ),
    { numRuns: 1_000 },
  );
});

test("threat: patterns that explode elsewhere are decided on a large body", () => {
  const body = Buffer.from(`${"a".repeat(1_048_575)}!`);
  for (const regex of ["(a+)+b", "(a|aa)+b", "(a|a)*b$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?:a?){100}[cd]{90}"]) {
    expect(accepts({ type: "regex", parameter: from("body"), regex }, { body })).toBe(false);
  }
});

test("what a regular expression looks at has the limits of the documentation", () => {
  const seen = (regex: string, length: number) =>
    accepts({ type: "regex", parameter: from("body"), regex }, { body: Buffer.from(`${"a".repeat(length - 1)}b`) });
  expect(seen("b", 65_536)).toBe(true);
  expect(seen("b", 65_537)).toBe(false);
  // Larger programs see less.
  expect(seen("b|[cd]{800}", 5_000)).toBe(true);
  expect(seen("b|[cd]{800}", 65_536)).toBe(false);
});
