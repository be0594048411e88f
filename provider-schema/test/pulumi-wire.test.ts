import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import { UNKNOWN } from "../src/engine/value.js";
import { DiffChanges, DiffKind } from "../src/pulumi/wire/generated/pulumi_provider.js";
import { ApiProxy } from "./support/api-proxy.js";
import {
  initFailure,
  NOTHING,
  type ProviderProcess,
  properties,
  startConfigured,
  startProvider,
  struct,
  urnOf,
} from "./support/pulumi-provider-process.js";
import { PROVIDER_FOLDER, relayEnvironment } from "./support/relay-pulumi.js";

// What an engine says, said by the test: without the engine, and for what an engine does not do when asked to.
let server: TestServer;
let provider: ProviderProcess;
const proxies: ApiProxy[] = [];
const OWN = randomBytes(32).toString("base64url");

beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());
afterEach(async () => {
  await provider.close();
  for (const proxy of proxies.splice(0)) proxy.close();
});

async function proxied(): Promise<ApiProxy> {
  const proxy = await new ApiProxy(server.at.http).start();
  proxies.push(proxy);
  provider = await startConfigured({ ...relayEnvironment(server), RELAY_API_ADDRESS: proxy.address });
  return proxy;
}

async function made(type: string, news: Parameters<typeof struct>[0]) {
  const { inputs, failures } = await provider.check(type, struct(news));
  expect(failures).toEqual([]);
  const sent = inputs ?? struct({});
  const { id, properties: state } = await provider.create(type, sent);
  return { id, inputs: sent, state: state ?? struct({}) };
}

test("says who it is and what it can, and prints its port alone", async () => {
  provider = await startProvider({});
  expect(await provider.call("Handshake", {})).toMatchObject({
    acceptSecrets: true,
    supportsAutonamingConfiguration: true,
  });
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  expect(await provider.call("GetPluginInfo", {})).toEqual({ version });
  const { schema } = await provider.call("GetSchema", { version: 0 });
  const generated = await readFile(new URL("../generated/pulumi-schema.json", import.meta.url), "utf8");
  expect(JSON.parse(schema)).toEqual(JSON.parse(generated));
  await provider.call("Attach", { address: "127.0.0.1:1" });
  expect(provider.stdout).toMatch(/^\d+\n$/);
  expect(provider.stderr).toBe("");
});

test("says what is missing to reach a server, and how to set it", async () => {
  provider = await startProvider({ RELAY_API_ADDRESS: "http://127.0.0.1:1", RELAY_KEY: "key" });
  const configure = provider.call("Configure", { variables: new Map(), args: struct({}) });
  await expect(configure).rejects.toThrow(/no secret .*pulumi config set --secret relay:secret.*RELAY_SECRET/);
});

test("threat: a secret never goes over a network in the clear", async () => {
  provider = await startProvider({});
  const args = struct({ address: "http://relay.example.com", key: "key", secret: "hunter2-hunter2" });
  const refused = provider.call("Configure", { variables: new Map(), args });
  await expect(refused).rejects.toThrow(/plain http/);
  await expect(refused).rejects.not.toThrow(/hunter2/);
});

test("takes its configuration from the engine before the environment, and tells the server who it is", async () => {
  const proxy = await new ApiProxy(server.at.http).start();
  proxies.push(proxy);
  provider = await startProvider({ ...relayEnvironment(server), RELAY_API_ADDRESS: "http://127.0.0.1:1" });
  await provider.call("Configure", {
    variables: new Map(),
    args: struct({ address: proxy.address, secret: server.adminSecret }, [["secret"]]),
  });
  const { id } = await made("Bucket", { name: "who" });
  expect([...proxy.userAgents]).toEqual(["pulumi-resource-relay/0.1.0"]);
  expect(await server.must("GET", `/v1/buckets/${id}`)).toMatchObject({
    managed_by: "pulumi",
    inputs: [],
    outputs: [],
  });
});

test("checks its configuration: the secret is one, the environment is no part of it, no change of it replaces anything", async () => {
  provider = await startProvider(relayEnvironment(server));
  const urn = "urn:pulumi:test::relay-test::pulumi:providers:relay::default";
  const check = (news: Parameters<typeof struct>[0]) =>
    provider.call("CheckConfig", {
      urn,
      olds: undefined,
      news: struct(news),
      randomSeed: new Uint8Array(),
      name: "",
      type: "",
      autonaming: undefined,
    });
  const good = await check({ address: "https://relay.example.com", secret: "s", version: "0.1.0" });
  expect(good.failures).toEqual([]);
  expect(properties(good.inputs)).toEqual({
    values: { address: "https://relay.example.com", secret: "s", version: "0.1.0" },
    secrets: [["secret"]],
  });
  expect((await check({ adress: "x", address: "relay.example.com" })).failures).toEqual([
    { property: "adress", reason: expect.stringContaining("address") },
    { property: "address", reason: expect.stringContaining("absolute http or https URL") },
  ]);
  const diff = await provider.call("DiffConfig", {
    id: "",
    urn,
    olds: struct({ address: "https://a.example.com", key: "k" }),
    oldInputs: undefined,
    news: struct({ address: "https://b.example.com", key: "k" }),
    ignoreChanges: [],
  });
  expect(diff).toMatchObject({ changes: DiffChanges.DIFF_CHANGES_SOME, diffs: ["address"], replaces: [] });
});

test("fills in a name and the defaults, keeps the name, and lists all mistakes at once", async () => {
  provider = await startProvider({});
  const { inputs } = await provider.check("Bucket", struct({ auth: { type: "basic", username: "u", password: "p" } }), {
    name: "team",
  });
  const first = properties(inputs);
  expect(first.values).toEqual({
    name: "team-0707070",
    __autonamed: true,
    description: "",
    auth: { type: "basic", username: "u", password: "p" },
    stream: true,
    ephemeral: false,
    largeWebhooks: false,
  });
  expect(first.secrets).toEqual([["auth", "password"]]);
  const again = await provider.check("Bucket", struct({ stream: false }), {
    olds: inputs ?? struct({}),
    name: "renamed",
  });
  expect(properties(again.inputs).values).toMatchObject({ name: "team-0707070", __autonamed: true, stream: false });

  const wrong = await provider.check(
    "Output",
    struct({ destinaton: "x", timeout: 500, agents: "some", headers: { "a b": ["c"] } }),
  );
  expect(wrong.failures.map(({ property }) => property).sort()).toEqual([
    "agents",
    "bucket",
    "destination",
    "destinaton",
    "headers",
    "timeout",
  ]);
  // What is not known yet is right.
  const unknown = await provider.check(
    "Output",
    struct({ bucket: UNKNOWN, destination: UNKNOWN, headers: { A: UNKNOWN } }),
  );
  expect(unknown.failures).toEqual([]);
  expect(properties(unknown.inputs).values).toMatchObject({
    bucket: UNKNOWN,
    destination: UNKNOWN,
    headers: { A: UNKNOWN },
  });
});

test.each([
  ["a name that must be exactly this", { proposedName: "exact", mode: 1 as const }, "exact", undefined],
  ["a proposal", { proposedName: "stack-it", mode: 0 as const }, "stack-it", undefined],
  [
    "no name of its own making",
    { proposedName: "", mode: 2 as const },
    undefined,
    "is required: automatic naming is disabled for this stack",
  ],
])("takes %s from the stack's settings", async (_what, autonaming, name, reason) => {
  provider = await startProvider({});
  const { inputs, failures } = await provider.call("Check", {
    urn: urnOf("Bucket"),
    olds: undefined,
    news: struct({}),
    randomSeed: Buffer.alloc(32, 7),
    name: "it",
    type: "relay:index:Bucket",
    autonaming,
  });
  expect(properties(inputs).values.name).toBe(name);
  expect(failures).toEqual(reason === undefined ? [] : [{ property: "name", reason }]);
});

test("tells in a preview what is known, and makes nothing", async () => {
  provider = await startConfigured(relayEnvironment(server));
  const { inputs } = await provider.check("Token", struct({ name: "ci" }));
  const { id, properties: state } = await provider.create("Token", inputs ?? struct({}), { preview: true });
  expect(id).toBe("");
  expect(properties(state)).toEqual({
    values: expect.objectContaining({ name: "ci", active: true, secret: UNKNOWN, id: UNKNOWN }),
    secrets: [["secret"]],
  });
});

test("threat: a given secret is in no state, what a program made secret stays secret, and the server's secret is one", async () => {
  provider = await startConfigured(relayEnvironment(server));
  const news = struct({ name: "secretive", description: "hush", ownSecret: OWN }, [["description"]]);
  const { inputs } = await provider.check("Token", news);
  expect(properties(inputs).secrets).toEqual(expect.arrayContaining([["ownSecret"], ["description"]]));
  const { id, properties: state } = await provider.create("Token", inputs ?? struct({}));
  const own = properties(state);
  expect(own.values).not.toHaveProperty("ownSecret");
  expect(own.values).not.toHaveProperty("secret");
  expect(own.secrets).toEqual([["description"]]);
  const read = await provider.call("Read", { id, urn: urnOf("Token"), properties: state, inputs, timeout: 0 });
  expect(properties(read.inputs).values.ownSecret).toBe(OWN);
  expect(properties(read.properties).secrets).toEqual([["description"]]);

  const made_ = await made("Token", { name: "told once" });
  expect(properties(made_.state)).toMatchObject({
    values: { secret: expect.stringMatching(/^.{43}$/) },
    secrets: [["secret"]],
  });
});

test("keeps an object that was made and then could not be read, and says why", async () => {
  const proxy = await proxied();
  proxy.verdict = (method, path) => (method === "GET" && path.startsWith("/v1/tokens/") ? { status: 418 } : undefined);
  const { inputs } = await provider.check("Token", struct({ name: "half made" }));
  const failure = await provider.create("Token", inputs ?? struct({})).then(
    () => undefined,
    (error) => initFailure(error),
  );
  expect(failure?.reasons[0]).toContain("418");
  const known = properties(failure?.properties);
  expect(known.values).toMatchObject({ name: "half made", secret: expect.stringMatching(/^.{43}$/) });
  expect(known.secrets).toEqual([["secret"]]);
  expect(await server.must("GET", `/v1/tokens/${failure?.id}`)).toMatchObject({ name: "half made" });
});

test("keeps a change that was half made: the next plan asks for the rest", async () => {
  const proxy = await proxied();
  const { id, inputs, state } = await made("Token", { name: "half rotated", rotationTrigger: { n: "1" } });
  const news =
    (
      await provider.check("Token", struct({ name: "half rotated", description: "new", rotationTrigger: { n: "2" } }), {
        olds: inputs,
      })
    ).inputs ?? struct({});
  proxy.verdict = (_method, path) => (path.endsWith("/rotate") ? { status: 418 } : undefined);
  const update = {
    id,
    urn: urnOf("Token"),
    olds: state,
    oldInputs: inputs,
    news,
    timeout: 0,
    ignoreChanges: [],
    preview: false,
  };
  const failure = await provider.call("Update", update).then(
    () => undefined,
    (error) => initFailure(error),
  );
  expect(properties(failure?.properties).values).toMatchObject({ description: "new", rotationTrigger: { n: "1" } });
  const rest = await provider.diff("Token", {
    id,
    olds: failure?.properties ?? state,
    oldInputs: failure?.inputs ?? inputs,
    news,
  });
  expect([...rest.detailedDiff.keys()]).toEqual(["rotationTrigger.n"]);
  proxy.verdict = () => undefined;
  const done = await provider.call("Update", { ...update, olds: failure?.properties, oldInputs: failure?.inputs });
  expect(properties(done.properties).values.secret).not.toBe(properties(state).values.secret);
});

test("says of a name that is taken how to import what has it", async () => {
  provider = await startConfigured(relayEnvironment(server));
  const { id } = await made("Bucket", { name: "a/b" });
  await made("Input", { bucket: id, name: "push" });
  const { inputs } = await provider.check("Input", struct({ bucket: "a/b", name: "push" }));
  const taken = provider.create("Input", inputs ?? struct({}));
  await expect(taken).rejects.toThrow(/import it: pulumi import relay:index:Input NAME a%2Fb\/push/);
  expect(await taken.catch((error) => initFailure(error))).toBeUndefined();
});

test("sees no difference where there is none, and each where there is one", async () => {
  provider = await startConfigured(relayEnvironment(server));
  const bucket = await made("Bucket", { name: "differing" });
  const other = await made("Bucket", { name: "another" });
  const output = await made("Output", {
    bucket: bucket.id,
    name: "ci",
    destination: "http://localhost:1/",
    headers: { A: ["1"] },
  });
  const against = async (news: Parameters<typeof struct>[0], ignoreChanges: string[] = []) => {
    const checked = await provider.check(
      "Output",
      struct({ name: "ci", destination: "http://localhost:1/", ...news }),
      { olds: output.inputs },
    );
    return provider.diff("Output", {
      id: output.id,
      olds: output.state,
      oldInputs: output.inputs,
      news: checked.inputs ?? struct({}),
      ignoreChanges,
    });
  };
  const same = { bucket: bucket.id, headers: { A: ["1"] } };
  expect((await against(same)).changes).toBe(NOTHING);
  expect((await against({ ...same, bucket: "differing" })).changes).toBe(NOTHING);
  expect((await against({ ...same, timeout: 3 }, ["timeout"])).changes).toBe(NOTHING);

  const inPlace = await against({ ...same, timeout: 3, headers: { B: ["1"] } });
  expect(inPlace.replaces).toEqual([]);
  expect([...inPlace.stables].sort()).toEqual(["bucketId", "id"]);
  expect(Object.fromEntries(inPlace.detailedDiff)).toEqual({
    timeout: { kind: DiffKind.DIFF_KIND_UPDATE, inputDiff: false },
    "headers.A": { kind: DiffKind.DIFF_KIND_DELETE, inputDiff: false },
    "headers.B": { kind: DiffKind.DIFF_KIND_UNSPECIFIED, inputDiff: false },
  });
  for (const elsewhere of [other.id, "another", UNKNOWN] as const) {
    const moved = await against({ ...same, bucket: elsewhere });
    // In another bucket the name is free: the new one is made first.
    expect(moved).toMatchObject({ replaces: ["bucket"], deleteBeforeReplace: false, stables: [] });
    expect(moved.detailedDiff.get("bucket")?.kind).toBe(DiffKind.DIFF_KIND_UPDATE_REPLACE);
  }
  // Should the engine want another object all the same, one of this name must go first.
  expect((await against({ ...same, timeout: 3 })).deleteBeforeReplace).toBe(true);
});

test.each([
  ["Bucket", (names: { bucket: string }) => names.bucket],
  ["Input", () => "imported/push"],
  ["Output", () => "imported/ci"],
  ["Token", () => "imported"],
])("imports a %s by name and by id; then there is nothing to change", async (type, byName) => {
  provider = await startConfigured(relayEnvironment(server));
  const existing = await server.api("POST", "/v1/buckets", { name: "imported", default_input: false });
  if (existing.status < 300) {
    await server.must("POST", "/v1/buckets/imported/inputs", { name: "push", status_code: 202 });
    await server.must("POST", "/v1/buckets/imported/outputs", {
      name: "ci",
      destination: "http://localhost:1/",
      internal: true,
    });
    await server.must("POST", "/v1/tokens", { name: "imported", api_access: "disabled" });
  }
  const importing = (id: string) =>
    provider.call("Read", { id, urn: urnOf(type), properties: undefined, inputs: undefined, timeout: 0 });
  const named = await importing(byName({ bucket: "imported" }));
  expect(named.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await importing(named.id)).toEqual(named);
  const checked = await provider.check(type, named.inputs ?? struct({}), { olds: named.inputs ?? struct({}) });
  expect(checked.failures).toEqual([]);
  const diff = await provider.diff(type, {
    id: named.id,
    olds: named.properties ?? struct({}),
    oldInputs: named.inputs ?? struct({}),
    news: checked.inputs ?? struct({}),
  });
  expect(diff.changes).toBe(NOTHING);
  expect((await importing("00000000-0000-4000-8000-000000000000")).id).toBe("");
  await expect(importing("a/b/c")).rejects.toThrow(/slash/);
});

test("declares rules of any shape, which then have nothing to change; a wrong node is named", async () => {
  provider = await startConfigured(relayEnvironment(server));
  const bucket = properties((await made("Bucket", { name: "with rules" })).state).values;
  const parameter = { source: "header", name: "X-Event" };
  const push = { match: { type: "value", parameter, value: "push" } };
  const rules = {
    and: [push, { not: [{ or: [push] }] }, { match: { type: "ip-whitelist", "ip-range": "10.0.0.0/8" } }],
  };
  const args = { bucket: String(bucket.id), name: "out", destination: "http://localhost:1/", rules };
  const output = await made("Output", args);
  expect(properties(output.state).values).toMatchObject({ rules });
  const { failures } = await provider.check(
    "Output",
    struct({ ...args, rules: { and: [{ match: { type: "valeu" } }] } }),
  );
  expect(JSON.stringify(failures)).toMatch(/rules\.and\[0\]\.match\.type.*Did you mean value/);
});

test("reads data sources and calls functions", async () => {
  provider = await startConfigured(relayEnvironment(server));
  const bucket = await made("Bucket", { name: "looked at" });
  const input = await made("Input", { bucket: bucket.id, name: "push" });
  const asked = async (token: string, args: Parameters<typeof struct>[0]) => {
    const { result, failures } = await provider.call("Invoke", { token: `relay:index:${token}`, args: struct(args) });
    return failures.length > 0 ? failures : properties(result).values;
  };
  expect(await asked("getBucket", { name: "looked at" })).toMatchObject({
    id: bucket.id,
    managedBy: "pulumi",
    inputs: [{ name: "push" }],
  });
  const { url } = properties(input.state).values;
  expect(await asked("getInput", { bucket: "looked at", name: "push" })).toMatchObject({ id: input.id, url });
  expect(await asked("getTokens", {})).toHaveProperty("tokens");
  const base = String(url).replace(/\/v1\/.*/, "");
  expect(await asked("getServer", {})).toMatchObject({ version: "0.1.0", publicUrl: base });
  expect(await asked("inputUrl", { publicUrl: base, inputId: input.id })).toEqual({ result: url });
  expect(await asked("inputUrl", { publicUrl: "nowhere", inputId: input.id })).toEqual([
    { property: "publicUrl", reason: expect.stringContaining("absolute") },
  ]);
  const push = { match: { type: "value", parameter: { source: "method" }, value: "POST" } };
  const rules = { and: [push, { not: [push, { or: [push] }] }] };
  expect(await asked("parseOutputRules", { json: JSON.stringify(rules) })).toEqual({ result: rules });
  expect(await asked("parseOutputRules", { json: '{"and":[{"match":{}}]}' })).toEqual([
    { property: "json", reason: expect.stringContaining("rules.and[0].match.type is required") },
  ]);
  expect(await asked("getBucket", {})).toEqual([{ property: "name", reason: expect.stringContaining("required") }]);
  await expect(asked("getBucket", { name: "none of that name" })).rejects.toThrow(
    /There is no bucket "none of that name"/,
  );
  await expect(asked("getNothing", {})).rejects.toThrow(/no relay:index:getNothing/);
});

test("ends what it waits for when it is cancelled or its time is up, not what is on its way", async () => {
  const proxy = await proxied();
  proxy.verdict = () => ({ status: 503, retryAfter: "60" });
  const { inputs } = await provider.check("Bucket", struct({ name: "waiting" }));
  await expect(provider.create("Bucket", inputs ?? struct({}), { timeout: 0.2 })).rejects.toThrow(
    /did not end within its timeout|503/,
  );
  const waiting = provider.create("Bucket", inputs ?? struct({}));
  const interrupted = expect(waiting).rejects.toThrow(/interrupted/);
  await waitFor("the second request", () => proxy.seen.length >= 2 || undefined);
  await provider.call("Cancel", {});
  await interrupted;
});

test("ends at once when the engine has done with it", async () => {
  provider = await startConfigured(relayEnvironment(server));
  await made("Bucket", { name: "before the end" });
  const ended = once(provider.child, "exit");
  const from = performance.now();
  provider.child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
  // The engine waits five seconds for it, in every command.
  expect(performance.now() - from).toBeLessThan(4_000);
});

test("ends with the engine that started it, however that ended", async () => {
  const file = join(PROVIDER_FOLDER, "pulumi-resource-relay");
  const script = `const { spawn } = require("node:child_process");
    const child = spawn(${JSON.stringify(file)}, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => console.log(child.pid));`;
  const engine = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [text] = (await once(engine.stdout.setEncoding("utf8"), "data")) as [string];
  const pid = Number(text);
  expect(process.kill(pid, 0)).toBe(true);
  engine.kill("SIGKILL");
  await waitFor(
    "the provider's end",
    () => {
      try {
        process.kill(pid, 0);
        return undefined;
      } catch {
        return true;
      }
    },
    { timeoutMs: 10_000 },
  );
});
