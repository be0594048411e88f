import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { waitFor } from "../../server/test/support/wait-for.js";
import * as relay from "../generated/pulumi-sdk/index.js";
import { ApiProxy } from "./support/api-proxy.js";
import { describePulumi } from "./support/describe-engine.js";
import { makePulumiProject, type PulumiProject } from "./support/pulumi-project.js";
import {
  type Declared,
  declare,
  makeRelayProgram,
  PROVIDER_FOLDER,
  relayEnvironment,
  SDK_FOLDER,
} from "./support/relay-pulumi.js";

const SCHEMA_FILE = fileURLToPath(new URL("../generated/pulumi-schema.json", import.meta.url));

describePulumi("the provider", (engine) => {
  let server: TestServer;
  let project: PulumiProject;
  const proxies: ApiProxy[] = [];
  beforeAll(async () => {
    server = await runServer();
  });
  afterAll(() => server.close());
  afterEach(async () => {
    await project.close();
    for (const proxy of proxies.splice(0)) proxy.close();
  });

  const names = async () => ((await server.must("GET", "/v1/buckets")) as { name: string }[]).map(({ name }) => name);
  const opens = async (key: string, secret: string) => {
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
    return (await fetch(`${server.at.http}/v1/user/info`, { headers: { authorization } })).status === 200;
  };

  test("has a package schema that the CLI accepts", async () => {
    project = await makeRelayProgram(engine, relayEnvironment(server));
    await project.must(["schema", "check", SCHEMA_FILE]);
  });

  test("imports by name and by id, by the CLI and by a program, and then has nothing to change", async () => {
    await server.must("POST", "/v1/buckets", {
      name: "old",
      description: "made by hand",
      default_input: false,
      auth: { type: "basic", username: "u", password: "p" },
    });
    const push = await server.must("POST", "/v1/buckets/old/inputs", { name: "push", status_code: 202 });
    await server.must("POST", "/v1/buckets/old/outputs", {
      name: "ci",
      destination: "http://localhost:1/",
      internal: true,
    });
    const { key } = await server.must("POST", "/v1/tokens", { name: "old token", api_access: "disabled" });
    project = await makeRelayProgram(engine, relayEnvironment(server));

    const byProgram = (imported: boolean): Declared[] => {
      const options = (id: string, more: object = {}) => ({ ...(imported ? { import: id } : {}), ...more });
      const auth = { type: "basic", username: "u", password: "p" };
      // What the server keeps as a hash cannot be compared.
      const given = { ignoreChanges: ["auth.password"] };
      return [
        {
          type: "Bucket",
          name: "b",
          args: { name: "old", description: "made by hand", auth },
          options: options("old", given),
        },
        {
          type: "Input",
          name: "i",
          args: { bucket: "@b.id", name: "push", statusCode: 202 },
          options: options("old/push"),
        },
        {
          type: "Output",
          name: "o",
          args: { bucket: "old", name: "ci", destination: "http://localhost:1/" },
          options: options("old/ci"),
        },
        { type: "Token", name: "t", args: { name: "old token" }, options: options(key) },
      ];
    };
    await declare(project, byProgram(true));
    const run = await project.up();
    expect(run.steps.filter(({ op }) => op === "import")).toHaveLength(4);
    await declare(project, byProgram(false));
    expect((await project.up(["--expect-no-changes"])).steps).toEqual([]);
    expect(await opens(key, "anything")).toBe(false);

    // Out of the state, and back by the command.
    const urn = String((await project.resources()).find(({ type }) => type === "relay:index:Input")?.urn);
    await project.must(["state", "delete", "--stack=test", "--yes", urn]);
    const command = ["import", "--stack=test", "--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
    await project.must([...command, "relay:index:Input", "i", "old/push"]);
    expect((await project.resources()).find(({ type }) => type === "relay:index:Input")?.id).toBe(push.id);
    await project.up(["--expect-no-changes"]);
  }, 120_000);

  test("threat: no secret is readable in the state, its history or what is printed; rotationTrigger makes a new one", async () => {
    const [own, password] = [randomBytes(32).toString("base64url"), randomBytes(16).toString("hex")];
    project = await makePulumiProject(engine, {
      program: `
        const relay = require("@relay/pulumi");
        new relay.Bucket("guarded", { auth: { type: "basic", username: "u", password: process.env.BUCKET_PASSWORD } });
        new relay.Token("own", { ownSecret: process.env.OWN_SECRET });
        const token = new relay.Token("ci", {
          apiAccess: "enabled",
          rotationTrigger: { month: process.env.MONTH },
          rotationGrace: Number(process.env.GRACE),
        });
        exports.key = token.id;
        exports.secret = token.secret;
        exports.server = relay.getServerOutput().publicUrl;
        exports.url = relay.inputUrlOutput({ publicUrl: exports.server, inputId: token.id }).result;
      `,
      providers: { relay: PROVIDER_FOLDER },
      packages: { "@relay/pulumi": SDK_FOLDER },
      env: { BUCKET_PASSWORD: password, OWN_SECRET: own, MONTH: "1", GRACE: "3600" },
    });
    // By the settings of the stack instead of the environment.
    await project.config("relay:address", server.at.http);
    await project.config("relay:key", server.adminKey);
    await project.config("relay:secret", server.adminSecret, { secret: true });
    const first = await project.up();
    const before = await project.outputs();
    expect(await opens(before.key, before.secret)).toBe(true);
    expect(before.url).toBe(`${before.server}/v1/webhooks/${before.key}`);

    const preview = await project.preview([], { env: { MONTH: "2", GRACE: "3600" } });
    expect(preview.steps.map(({ op, urn }) => [op, urn.split("::").at(-1)])).toEqual([["update", "ci"]]);
    await project.up([], { env: { MONTH: "2", GRACE: "3600" } });
    const after = await project.outputs();
    expect(after.key).toBe(before.key);
    expect(after.secret).not.toBe(before.secret);
    // The one before is good for its grace.
    expect([await opens(after.key, before.secret), await opens(after.key, after.secret)]).toEqual([true, true]);
    const last = await project.up([], { env: { MONTH: "3", GRACE: "0" } });
    const latest = await project.outputs();
    expect([await opens(latest.key, after.secret), await opens(latest.key, latest.secret)]).toEqual([false, true]);

    const secrets = [own, password, server.adminSecret, before.secret, after.secret, latest.secret];
    const texts = { state: await project.stateText(), first: first.text, preview: preview.text, last: last.text };
    expect(texts.state).toContain(after.key);
    for (const [name, text] of Object.entries(texts)) {
      const places = secrets.map((secret) => text.indexOf(secret)).filter((place) => place !== -1);
      expect(places, name).toEqual([]);
    }
    await project.destroy();
  }, 120_000);

  test("says what is wrong before it makes anything, and keeps what was made beside what failed", async () => {
    project = await makeRelayProgram(engine, relayEnvironment(server));
    const bad: Declared = {
      type: "Output",
      name: "bad",
      args: { bucket: "@good.id", destination: "nowhere", timeout: 999 },
    };
    await declare(project, [{ type: "Bucket", name: "good", args: { name: "good" } }, bad]);
    const preview = await project.run(["preview", "--stack=test"]);
    expect(preview.exitCode).not.toBe(0);
    expect(preview.text).toMatch(/destination.*must be an absolute http or https URL/);
    expect(preview.text).toMatch(/timeout.*must be at most 180/);
    expect(await names()).not.toContain("good");

    await server.must("POST", "/v1/buckets", { name: "taken" });
    await declare(project, [
      { type: "Bucket", name: "good", args: { name: "good" } },
      { type: "Bucket", name: "taken", args: { name: "taken" } },
    ]);
    const warned = await project.run(["preview", "--stack=test"]);
    expect(warned.exitCode).toBe(0);
    expect(warned.text).toMatch(/warning: a bucket of this name exists.*pulumi import relay:index:Bucket NAME taken/);
    const failed = await project.tryUp();
    expect(failed.exitCode).not.toBe(0);
    expect(failed.text).toMatch(/pulumi import relay:index:Bucket NAME taken/);
    expect((await project.resources()).map(({ urn }) => String(urn).split("::").at(-1))).toContain("good");
    await declare(project, [{ type: "Bucket", name: "good", args: { name: "good" } }]);
    await project.destroy();
    expect(await names()).toContain("taken");
  }, 120_000);

  test("makes and removes a hundred resources, many at a time", async () => {
    project = await makeRelayProgram(engine, relayEnvironment(server));
    const buckets = Array.from({ length: 20 }, (_, i): Declared => ({ type: "Bucket", name: `b${i}` }));
    const inputs = buckets.flatMap(({ name }) =>
      [1, 2].map(
        (i): Declared => ({ type: "Input", name: `${name}-in${i}`, args: { bucket: `@${name}.id`, name: `in${i}` } }),
      ),
    );
    const outputs = buckets.flatMap(({ name }) =>
      [1, 2].map(
        (i): Declared => ({
          type: "Output",
          name: `${name}-out${i}`,
          args: { bucket: `@${name}.id`, name: `out${i}`, destination: `http://localhost:${i}/` },
        }),
      ),
    );
    await declare(project, [...buckets, ...inputs, ...outputs]);
    const made = await project.up();
    expect(made.failed).toEqual([]);
    expect(made.steps.filter(({ op }) => op === "create")).toHaveLength(101);
    await project.up(["--expect-no-changes"]);
    expect((await project.destroy()).failed).toEqual([]);
  }, 120_000);

  test("knows of everything that was made when it is interrupted", async () => {
    const proxy = await new ApiProxy(server.at.http).start();
    proxies.push(proxy);
    project = await makeRelayProgram(engine, { ...relayEnvironment(server), RELAY_API_ADDRESS: proxy.address });
    const all = Array.from(
      { length: 30 },
      (_, i): Declared => ({ type: "Bucket", name: `slow${i}`, args: { name: `slow ${i}` } }),
    );
    await declare(project, all);
    const running = project.start(["up", "--stack=test", "--yes", "--skip-preview", "--parallel=4"]);
    await waitFor(
      "the first buckets",
      () => proxy.seen.filter((each) => each.startsWith("POST")).length >= 3 || undefined,
    );
    server.signal("SIGSTOP");
    running.killGroup("SIGINT");
    await new Promise((resolve) => setTimeout(resolve, 500));
    server.signal("SIGCONT");
    expect((await running.done).exitCode).not.toBe(0);
    const made = (await names()).filter((name) => name.startsWith("slow"));
    const known = (await project.resources()).filter(({ type }) => type === "relay:index:Bucket");
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(all.length);
    expect(known.map(({ outputs }) => outputs.name).sort()).toEqual(made.sort());
    const rest = await project.preview();
    expect(rest.steps.filter(({ op }) => op === "create")).toHaveLength(all.length - made.length);
    await project.up();
    expect((await project.destroy()).failed).toEqual([]);
  }, 120_000);

  test("makes what docs/pulumi.md shows", async () => {
    const text = await readFile(new URL("../../docs/pulumi.md", import.meta.url), "utf8");
    const [, program = ""] = /```ts\n(.*?)```/s.exec(text) ?? [];
    project = await makePulumiProject(engine, {
      program: { "index.ts": program },
      providers: { relay: PROVIDER_FOLDER },
      packages: { "@relay/pulumi": SDK_FOLDER },
      env: relayEnvironment(server),
    });
    await project.up();
    const { url, agentKey, agentSecret } = await project.outputs();
    expect(url).toContain("/v1/webhooks/");
    expect(await server.must("GET", `/v1/tokens/${agentKey}`)).toMatchObject({ scopes: { tunnels: [] }, active: true });
    expect(agentSecret).toHaveLength(43);
    await project.destroy();
  }, 120_000);

  test("works under the Automation API, with a server that the program names", async () => {
    project = await makePulumiProject(engine, { providers: { relay: PROVIDER_FOLDER } });
    const stack = await project.inlineStack(async () => {
      const provider = new relay.Provider("there", {
        address: server.at.http,
        key: server.adminKey,
        secret: server.adminSecret,
      });
      const bucket = new relay.Bucket("inline", {}, { provider });
      const input = new relay.Input("push", { bucket: bucket.id }, { provider });
      const found = relay.getInputOutput({ bucket: bucket.id, name: input.id }, { provider });
      return { url: input.url, same: found.apply(({ url }) => url) };
    });
    const { outputs } = await stack.up();
    expect(outputs.url?.value).toMatch(/^http.*\/v1\/webhooks\//);
    expect(outputs.same?.value).toBe(outputs.url?.value);
    expect((await stack.preview()).changeSummary).toEqual({ same: 4 });
    await stack.destroy();
    expect(await project.stateText()).not.toContain(server.adminSecret);
  }, 120_000);
});
