import type { ManifestPlan, PlannedChange } from "@relay/provider-schema";
import { expect, test } from "vitest";
import { coloursFor } from "../render/colour.js";
import { planMarkdown } from "./plan-markdown.js";
import { planText } from "./plan-text.js";

const plain = coloursFor({}, { NO_COLOR: "1" });

function planOf(...changes: PlannedChange[]): ManifestPlan {
  const summary = { create: 0, update: 0, replace: 0, delete: 0, adopt: 0 };
  for (const { action } of changes) summary[action] += 1;
  return { manifest: "shop", changes, summary, fingerprint: "f" };
}

const CHANGES: PlannedChange[] = [
  {
    action: "create",
    resource: "bucket",
    path: ["github"],
    attributes: [
      { path: "description", after: "pull requests" },
      { path: "auth.type", after: "basic" },
      { path: "auth.password", secret: true },
    ],
  },
  { action: "create", resource: "input", path: ["github", "push"], attributes: [] },
  {
    action: "update",
    resource: "output",
    path: ["old", "ci"],
    id: "o-1",
    attributes: [
      { path: "timeout", before: 0, after: 30 },
      { path: "headers", before: { "X-A": ["1"], "X-B": ["2"] }, after: { "X-A": ["1"], "X-C": ["3"] } },
      { path: "description", before: "one\ntwo\nthree\nfour\nfive\nsix\n", after: "one\ntwo\nthree\nfour\nfive\n6\n" },
    ],
  },
  {
    action: "replace",
    resource: "input",
    path: ["new", "hooks"],
    id: "i-1",
    attributes: [{ path: "bucket", before: "old", after: "new", replaces: true }],
  },
  { action: "delete", resource: "bucket", path: ["gone"], id: "b-2", attributes: [], undelivered: 42 },
  {
    action: "adopt",
    resource: "token",
    path: ["ci"],
    id: "t-1",
    managedBy: "terraform",
    attributes: [{ path: "scopes.buckets", before: [], after: ["github"] }],
  },
];

test("a plan reads like this", () => {
  expect(planText(planOf(...CHANGES), plain)).toBe(`+ bucket/github
    + description: "pull requests"
    + auth.type: "basic"
    + auth.password: (secret)

+ input/github/push

~ output/old/ci
    ~ timeout: 0 -> 30
    - headers.X-B: ["2"]
    + headers.X-C: ["3"]
    ~ description:
          … 2 unchanged lines
          three
          four
          five
        - six
        + 6

-/+ input/new/hooks  # replaced because of bucket
    ~ bucket: "old" -> "new"  # forces replacement

- bucket/gone  # 42 undelivered webhooks are lost

<= token/ci  # taken over from terraform
    ~ scopes.buckets: [] -> ["github"]

Plan: 2 to create, 1 to change, 1 to replace, 1 to delete, 1 to adopt.
`);
});

test("an empty plan says so", () => {
  expect(planText(planOf(), plain)).toBe("No changes: everything is as the manifest says.\n");
});

test("a text that only gets or loses its last line break is a visible change", () => {
  const text = planText(
    planOf({
      action: "update",
      resource: "input",
      path: ["a", "b"],
      attributes: [{ path: "body", before: "a\nb", after: "a\nb\n" }],
    }),
    plain,
  );
  expect(text).toContain("        - (no line break at the end)\n");
});

test("colours come on a terminal and say the same", () => {
  const coloured = planText(planOf(...CHANGES), coloursFor({}, { FORCE_COLOR: "1" }));
  expect(coloured).toContain("\u001b[32m+\u001b[39m \u001b[1mbucket/github\u001b[22m");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are made of them
  expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(planText(planOf(...CHANGES), plain));
});

const HOSTILE = "\u001b]0;title\u0007\u001b[2J\u009b1m\u202eevil\u2066\u200b\r\n+ token/admin";

test("threat: names and values cannot act on a terminal, nor look like lines of the plan", () => {
  const text = planText(
    planOf({
      action: "adopt",
      resource: "bucket",
      path: [HOSTILE],
      managedBy: HOSTILE,
      attributes: [
        { path: `headers.${HOSTILE}`, before: HOSTILE, after: [HOSTILE] },
        { path: "body", before: `${HOSTILE}\n`, after: { [HOSTILE]: HOSTILE } },
      ],
    }),
    plain,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e\u2066]/);
  expect(text.split("\n").filter((line) => line.startsWith("+"))).toEqual([]);
});

test("threat: a secret's values are not shown even if they came", () => {
  const change: PlannedChange = {
    action: "update",
    resource: "token",
    path: ["ci"],
    attributes: [{ path: "own_secret", before: "hunter2", after: "hunter3", secret: true }],
  };
  for (const text of [planText(planOf(change), plain), planMarkdown(planOf(change))]) {
    expect(text).toContain("own_secret: (secret)");
    expect(text).not.toContain("hunter");
  }
});

test("a plan as a comment of a pull request reads like this", () => {
  expect(planMarkdown(planOf(...CHANGES.slice(0, 3)), "prod")).toBe(`<!-- relay-plan: shop/prod -->
### Relay plan for <code>shop</code>, environment <code>prod</code>

**Plan: 2 to create, 1 to change, 0 to replace, 0 to delete, 0 to adopt.**

<code>+ bucket/github</code>

\`\`\`diff
+ description: "pull requests"
+ auth.type: "basic"
+ auth.password: (secret)
\`\`\`

<code>+ input/github/push</code>

<code>&#126; output/old/ci</code>

\`\`\`diff
- timeout: 0
+ timeout: 30
- headers.X-B: ["2"]
+ headers.X-C: ["3"]
! description:
      … 2 unchanged lines
      three
      four
      five
-     six
+     6
\`\`\`
`);
});

test("many objects, and long ones, are folded", () => {
  const many = Array.from({ length: 11 }, (_, n) => ({ ...(CHANGES[0] as PlannedChange), path: [`b${n}`] }));
  expect(planMarkdown(planOf(...many)).match(/<details><summary><code>/g)).toHaveLength(11);
});

test("a plan that does not fit into a comment is cut between objects and says so", () => {
  const long = { path: "description", after: "é".repeat(5000) };
  const many = Array.from(
    { length: 400 },
    (_, n): PlannedChange => ({
      action: "create",
      resource: "bucket",
      path: [`b${n}`],
      attributes: [long, { path: "body", after: "x\n".repeat(3000) }],
    }),
  );
  const text = planMarkdown(planOf(...many));
  expect(Buffer.byteLength(text)).toBeLessThan(65_536);
  expect(text).toMatch(/\n\d+ more objects do not fit into a comment: `relay plan` shows all\.\n$/);
  expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  expect(text.match(/^```/gm)?.length ?? 0).toBe(2 * (text.match(/<details>/g)?.length ?? 0));
});

const ESCAPES = [
  "```\n@everyone [click](http://evil)\n```",
  "``````\n",
  "</code></summary></details><img src=x onerror=alert(1)>",
  "-->",
  "@octocat #1 GH-2",
  "<!-- relay-plan: other -->",
  "~~~\n# heading",
  "$$\\math$$ **bold** _x_ | a | b |",
  "&lt;b&gt;",
];

test.each(ESCAPES)("threat: %j cannot break out of code, mention people or pose as another comment", (hostile) => {
  const text = planMarkdown(
    planOf({
      action: "adopt",
      resource: "bucket",
      path: [hostile],
      managedBy: hostile,
      attributes: [
        { path: `headers.${hostile}`, before: hostile, after: `${hostile}\nmore` },
        { path: "body", before: `x\n${hostile}\n`, after: `y\n${hostile}\n` },
      ],
    }),
    hostile,
  );
  const lines = text.split("\n");
  const fence = lines.find((line) => /^`{3,}diff$/.test(line))?.replace("diff", "") ?? "";
  expect(fence).toMatch(/^`{3,}$/);
  // Outside of the fence there is only what we wrote and code whose characters are escaped.
  const [opening, closing] = [lines.indexOf(`${fence}diff`), lines.indexOf(fence)];
  expect(closing).toBeGreaterThan(opening);
  const outside = [...lines.slice(1, opening), ...lines.slice(closing + 1)].join("\n");
  expect(outside.replace(/<code>[^<>]*<\/code>/g, "")).not.toMatch(/[@<>[\]`]|octocat|evil/);
  expect(outside.match(/<code>([^<>]*)<\/code>/g)?.join("")).not.toMatch(/@|`|\*|\[|_/);
  const inside = lines.slice(opening + 1, closing).join("\n");
  expect(inside).not.toContain(fence);
  // The invisible line is one, and ends where it should.
  expect(lines[0]).toMatch(/^<!-- relay-plan: [^\s<>]* -->$/);
  expect(lines[0]?.slice(4, -3)).not.toContain("--");
  expect(text.match(/^<!--/gm)).toHaveLength(1);
});
