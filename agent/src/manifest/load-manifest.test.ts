import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { type LoadedManifest, loadManifest, validateManifest } from "./load-manifest.js";
import { problemText } from "./located-problem.js";

const directory = mkdtempSync(join(tmpdir(), "relay-manifest-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let count = 0;

/** A folder of its own with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  count += 1;
  const path = join(directory, String(count));
  mkdirSync(path);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

const nothing = Readable.from([]);

async function problems(files: readonly string[], environment?: string): Promise<string[]> {
  const { problems: found } = await validateManifest({ files, environment, stdin: nothing });
  return found.map((each) => problemText(each).replaceAll(`${directory}/${count}/`, ""));
}

function load(files: readonly string[], environment?: string): Promise<LoadedManifest> {
  return loadManifest({ files, environment, stdin: nothing });
}

/** Problems of one YAML file. */
function problemsOf(text: string, environment?: string): Promise<string[]> {
  return problems([join(folder({ "m.yaml": text }), "m.yaml")], environment);
}

const OUTPUT = "outputs: {b: {destination: 'http://localhost/'}}";

describe("a wrong manifest", () => {
  test("is told of all its problems at once, in the order of the text", async () => {
    expect(
      await problemsOf(`manifest: 2
name: Payments
buckets:
  github:
    descriptoin: hi
    stream: "yes"
    auth: { type: basic, username: "a:b" }
    inputs:
      push: { status_code: 700 }
    outputs:
      ci: {}
  " x":
tokens: []
`),
    ).toEqual([
      "m.yaml:1:1: manifest: must be 1",
      "m.yaml:2:1: name: must be small letters, digits and hyphens, at most 63",
      "m.yaml:5:5: buckets.github.descriptoin: is not known here. Did you mean description?",
      "m.yaml:6:5: buckets.github.stream: must be true or false, not text. Write true or false without quotes",
      "m.yaml:7:26: buckets.github.auth.username: must not contain a colon (RFC 7617)",
      "m.yaml:9:15: buckets.github.inputs.push.status_code: must be 0 (the default, answers as 200) or from 200 to 599",
      'm.yaml:11:7: buckets.github.outputs.ci.destination: is required. For example "http://localhost:3000/hooks"',
      'm.yaml:12:3: buckets[" x"]: must not begin or end with white space',
      "m.yaml:13:1: tokens: must be a mapping, not a list",
    ]);
  });

  test.each([
    ["", "m.yaml: must be a mapping, not null"],
    ["buckets: {}", "m.yaml:1:1: manifest: is required"],
    ["manifest: 1\nmanifest: 1", "m.yaml:2:1: is there twice"],
    ["manifest: 1\nbuckets: [", "m.yaml:2:11: is not valid YAML"],
    ["manifest: 1\n---\nmanifest: 1", "m.yaml:2:1: another document begins"],
    [
      "manifest: 1\nbuckets: {a: {description: 1}}",
      "m.yaml:2:15: buckets.a.description: must be text, not a number. Put it in quotes",
    ],
    ["manifest: 1\nbuckets:\n  404: {}", "m.yaml:3:3: a name must be text. Put it in quotes"],
    ["manifest: 1\nbuckets:\n  ? {a: b}\n  : {}", "m.yaml:3:5: a name must be text"],
    ["manifest: 1\nbuckets: !custom {}", "m.yaml:2:10: is not plain YAML"],
    ["manifest: 1\nbuckets: *nowhere", "m.yaml: cannot follow its aliases"],
    ["manifest: 1\nbuckets: {a: {<<: {stream: true}}}", "YAML 1.2 has no merge keys"],
    ["manifest: 1\nbuckets: {a: {id: x}}", "buckets.a.id: is not known here"],
    ["manifest: 1\nbuckets: {a: {headers: {}}}", "Known are description, auth, stream"],
    ["manifest: 1\ntokens: {a: {scopes: {buckets: [x, x]}}}", "tokens.a.scopes.buckets: has an entry twice"],
  ])("%j is told where and why", async (text, expected) => {
    expect((await problemsOf(text)).join("\n")).toContain(expected);
  });

  test.each([
    ['{"manifest": 1,}', "m.json:1:16: is not valid JSON"],
    ["{'manifest': 1}", "m.json:1:2: is not valid JSON"],
    ['{\n\t"manifest": one\n}', "m.json:2:14: is not valid JSON"],
    ['{"manifest": 1, "manifest": 1}', "m.json:1:17: is there twice"],
    [
      '{\n\t"manifest": 1,\n\t"buckets": {"a": {"stream": 1}}\n}',
      "m.json:3:20: buckets.a.stream: must be true or false",
    ],
  ])("JSON: %j is told where and why", async (text, expected) => {
    expect((await problems([join(folder({ "m.json": text }), "m.json")])).join("\n")).toContain(expected);
  });

  test("threat: a secret in the text is refused, and not repeated by any message", async () => {
    const yaml = await problemsOf("manifest: 1\nbuckets: {a: {auth: {type: basic, password: hunter2-hunter2}}}");
    expect(yaml).toEqual([
      "m.yaml:2:35: buckets.a.auth.password: is a secret, which must not stand in the file. Write { env: NAME } or { file: path }",
    ]);
    const json = folder({ "m.json": '{"manifest": 1, "tokens": {"a": {"own_secret": hunter2-hunter2}}}' });
    const broken = await problems([join(json, "m.json")]);
    expect(broken).toHaveLength(1);
    expect(broken.join("\n")).not.toContain("hunter2");
  });

  test("threat: aliases that multiply into billions of values end with an error", async () => {
    const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n}, `.repeat(10)}]`);
    expect((await problemsOf(`a0: &a0 [x]\n${levels.join("\n")}`)).join("\n")).toContain("cannot follow its aliases");
  });

  test.each(["__proto__", "constructor", "toString"])(
    "threat: %s is a name like others and changes no object",
    async (name) => {
      const path = folder({
        "m.yaml": `manifest: 1\nbuckets: {${name}: {description: x}}\nenvironments: {e: {buckets: {${name}: {stream: false}}}}`,
      });
      const { content } = await load([path], "e");
      expect(Object.entries((content as { buckets: object }).buckets)).toEqual([
        [name, { description: "x", stream: false }],
      ]);
      expect(({} as { description?: string }).description).toBeUndefined();
    },
  );

  test("threat: control characters of a name are escaped in messages", async () => {
    const found = await problemsOf('manifest: 1\nbuckets: {"a\\e[2J\\u202e": {x: 1}}');
    for (const char of ["\u001b", "\u202e"]) expect(found.join("\n")).not.toContain(char);
  });
});

describe("environments", () => {
  const text = `manifest: 1
buckets:
  a:
    description: base
    auth: { type: token, token: { env: TOKEN } }
    inputs: { in: { headers: { X-A: ["1"], X-B: ["2"] } } }
    outputs: { out: }
  gone:
environments:
  prod:
    buckets:
      a:
        auth: { token: { file: secret.txt } }
        inputs: { in: { headers: { X-A: ["3"], X-B: null } } }
        outputs: { out: { destination: "http://prod/" } }
      gone: null
      new: {}
  bad:
    buckets: { a: { stream: 1 } }
`;

  test("merge mappings, replace lists and secrets, take out what is null", async () => {
    const path = folder({ "m.yaml": text.replace(/ {2}bad:\n.*\n/, "") });
    const { content } = await load([path], "prod");
    expect(content).toEqual({
      buckets: {
        a: {
          description: "base",
          auth: { type: "token", token: { file: join(path, "secret.txt") } },
          inputs: { in: { headers: { "X-A": ["3"] } } },
          outputs: { out: { destination: "http://prod/" } },
        },
        new: {},
      },
    });
  });

  test("may complete what the rest leaves open; validation covers each of them", async () => {
    expect(await problemsOf(text, "prod")).toEqual([expect.stringContaining("environments.bad.buckets.a.stream")]);
    expect(await problemsOf(text)).toEqual([
      'm.yaml:7:16: buckets.a.outputs.out.destination: is required. For example "http://localhost:3000/hooks"',
      "m.yaml:19:21: environments.bad.buckets.a.stream: must be true or false, not a number",
    ]);
  });

  test("an unknown one is told with those there are", async () => {
    expect((await problemsOf(text, "prd")).join("\n")).toContain(
      "environments.prd: is not there. There are prod, bad. Did you mean prod?",
    );
    expect(await problemsOf("manifest: 1", "prod")).toEqual([
      "m.yaml: environments.prod: is not there. The manifest has no environments",
    ]);
  });
});

describe("several files", () => {
  test("are one manifest; a folder gives its files by name", async () => {
    const path = folder({
      "a.yaml": `manifest: 1\nname: shop\nbuckets: {a: {${OUTPUT}}}`,
      "b.json": '{"manifest": 1, "buckets": {"b": null}, "environments": {"e": {"buckets": {"a": null}}}}',
      "notes.txt": "no manifest",
      ".hidden.yaml": "no manifest",
      "module.mjs": "throw new Error('must not be run unless it is named')",
    });
    const loaded = await load([path]);
    expect(loaded.name).toBe("shop");
    expect(loaded.content).toEqual({
      buckets: { a: { outputs: { b: { destination: "http://localhost/" } } }, b: {} },
    });
    expect((await load([join(path, "a.yaml"), join(path, "b.json")], "e")).content).toEqual({ buckets: { b: {} } });
  });

  test("declare an object once and have one name", async () => {
    const path = folder({
      "a.yaml": "manifest: 1\nname: one\nbuckets: {a: {}}",
      "b.yaml": "manifest: 1\nname: two\nbuckets: {a: {}}",
    });
    const found = await problems([path]);
    expect(found[0]).toMatch(/^b.yaml:2:1: name: differs from the name in another file\. See .*a.yaml:2:1$/);
    expect(found[1]).toMatch(/^b.yaml:3:11: buckets.a: is declared twice\. .*a.yaml:3:11$/);
    expect(found).toHaveLength(2);
  });

  test("a folder without any is refused", async () => {
    await expect(problems([folder({ "x.txt": "" })])).rejects.toThrow("has no .yaml, .yml or .json file");
  });
});

describe("a module", () => {
  test("gives its default export", async () => {
    const path = folder({
      "m.mjs":
        "const names = ['a', 'b'];\nexport default { manifest: 1, name: 'loop', buckets: Object.fromEntries(names.map((n) => [n, { description: undefined }])) };",
    });
    const loaded = await load([join(path, "m.mjs")]);
    expect([loaded.name, loaded.content]).toEqual(["loop", { buckets: { a: {}, b: {} } }]);
  });

  test.each([
    [
      "export default { manifest: 1, buckets: { a: { stream: 1 } } };",
      "m.mjs: buckets.a.stream: must be true or false, not a number",
    ],
    [
      "export default { manifest: 1, buckets: { a: { description: () => 'x' } } };",
      "m.mjs: buckets.a.description: is no data",
    ],
    ["const a = {}; a.a = a; export default a;", "m.mjs: a: is no data"],
    ["export const manifest = {};", "m.mjs: has no default export"],
    ["throw new Error('out of order');", "m.mjs: cannot be run: out of order"],
    ["export default {", "m.mjs: cannot be run"],
  ])("%j is told", async (text, expected) => {
    expect((await problems([join(folder({ "m.mjs": text }), "m.mjs")])).join("\n")).toContain(expected);
  });

  test("in TypeScript runs where Node can, and else says which Node can", async () => {
    const path = folder({ "m.mts": "const name: string = 'typed';\nexport default { manifest: 1, name };" });
    const found = await problems([join(path, "m.mts")]);
    const strips = Boolean((process.features as { typescript?: unknown }).typescript);
    expect(found).toEqual(
      strips ? [] : [expect.stringContaining("Take Node 22.18 or newer, or compile it and give the .js file")],
    );
  });
});

test("standard input is a file of its own", async () => {
  const stdin = Readable.from(["manifest: 1\n", "buckets: {a: {x: 1}}"]);
  const { problems: found } = await validateManifest({ files: ["-"], environment: undefined, stdin });
  expect(found.map(problemText)).toEqual([
    expect.stringContaining("standard input:2:15: buckets.a.x: is not known here"),
  ]);
});
