import { createHmac, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../server/test/support/run-server.js";
import { ApiProxy } from "./support/api-proxy.js";
import { describeTerraform } from "./support/describe-engine.js";
import { withProviderClient } from "./support/provider-client.js";
import { freshName, makeRelayProject, type RelayProject, ref } from "./support/relay-terraform.js";

const newSecret = () => randomBytes(32).toString("base64url");

async function filesWith(folder: string, text: string): Promise<string[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = entries.map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(files.map(async (file) => ((await readFile(file)).includes(text) ? [file] : [])));
  return found.flat();
}

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());

/** Status of a webhook with this bearer token. */
async function post(inputId: string, token: string): Promise<number> {
  const response = await fetch(`${server.at.http}/v1/webhooks/${inputId}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: "{}",
  });
  return response.status;
}

describeTerraform("secrets", (engine) => {
  let project: RelayProject;
  afterEach(() => project.close());

  const bucket = (name: string, version: number) => ({
    variable: { token: { type: "string", ephemeral: true } },
    resource: {
      relay_bucket: {
        it: { name, auth: { type: "token", token_wo: ref("var.token"), token_wo_version: version } },
      },
      relay_input: { in: { name: "in", bucket: ref("relay_bucket.it.id") } },
    },
  });

  test("threat: a write-only secret is in no plan, state, log or command line, and works", async () => {
    const secret = newSecret();
    const name = freshName("bucket");
    const env = { TF_VAR_token: secret, TF_LOG: "trace", TF_LOG_PATH: "all.log" };
    project = await makeRelayProject(engine, server, bucket(name, 1));
    const plan = await project.plan([], { env });
    const applied = await project.apply(plan, [], { env });
    const { id } = await project.resource("relay_input.in");
    expect(await post(id, secret)).toBe(200);
    expect(await post(id, "wrong")).toBe(401);
    expect(await filesWith(project.folder, secret)).toEqual([]);
    // The log shows what terraform sends to a provider in the words of its own: it was written, and is long.
    expect(await readFile(join(project.folder, "all.log"), "utf8")).toContain("relay_bucket");
    for (const text of [plan.stdout, plan.stderr, applied.stdout, applied.stderr, plan.command, applied.command]) {
      expect(text).not.toContain(secret);
    }
    expect((await project.plan([], { env })).actions).toEqual({});
    expect(server.output).not.toContain(secret);
  });

  test("threat: the secrets of an input's senders, write-only, are in no plan, state or log, and can be changed", async () => {
    const [first, second] = [newSecret(), newSecret()];
    const name = freshName("bucket");
    const input = (verification: object) => ({
      variable: { first: { type: "string", ephemeral: true }, second: { type: "string", ephemeral: true } },
      resource: {
        relay_bucket: { it: { name } },
        relay_input: { in: { name: "in", bucket: ref("relay_bucket.it.id"), verification } },
      },
    });
    const env = { TF_VAR_first: first, TF_VAR_second: second, TF_LOG: "trace", TF_LOG_PATH: "all.log" };
    const github = { type: "github", secret_wo: ref("var.first"), secret_wo_version: 1 };
    project = await makeRelayProject(engine, server, input(github));
    await project.apply(undefined, [], { env });
    const { id } = await project.resource("relay_input.in");
    const status = async (secret: string) => {
      const hash = createHmac("sha256", secret).update("{}").digest("hex");
      const headers = { "X-Hub-Signature-256": `sha256=${hash}` };
      return (await fetch(`${server.at.http}/v1/webhooks/${id}`, { method: "POST", headers, body: "{}" })).status;
    };
    expect([await status(first), await status(second)]).toEqual([200, 401]);
    expect((await project.plan([], { env })).actions).toEqual({});

    const both = {
      type: "github",
      secret_wo: ref("var.second"),
      secret_wo_version: 2,
      previous_secret_wo: ref("var.first"),
      previous_secret_wo_version: 1,
    };
    await project.configure(input(both));
    const plan = await project.plan([], { env });
    expect(plan.actions).toEqual({ "relay_input.in": ["update"] });
    await project.apply(plan, [], { env });
    expect([await status(first), await status(second)]).toEqual([200, 200]);
    expect((await project.plan([], { env })).actions).toEqual({});
    await project.configure(input({ ...both, previous_secret_until: 1 }));
    await project.apply(undefined, [], { env });
    expect([await status(first), await status(second)]).toEqual([401, 200]);
    for (const secret of [first, second]) {
      expect(await filesWith(project.folder, secret)).toEqual([]);
      expect(server.output).not.toContain(secret);
    }

    // Without the block everybody may send.
    await project.configure({
      resource: {
        relay_bucket: { it: { name } },
        relay_input: { in: { name: "in", bucket: ref("relay_bucket.it.id") } },
      },
    });
    await project.apply();
    expect(await status("anything")).toBe(200);
    expect((await project.plan()).actions).toEqual({});
  });

  test("a write-only secret is sent again when its version changes, and not before", async () => {
    const [first, second] = [newSecret(), newSecret()];
    const name = freshName("bucket");
    project = await makeRelayProject(engine, server, bucket(name, 1));
    await project.apply(undefined, [`-var=token=${first}`]);
    const { id } = await project.resource("relay_input.in");
    expect((await project.plan([`-var=token=${second}`])).actions).toEqual({});
    await project.configure(bucket(name, 2));
    expect((await project.plan([`-var=token=${second}`])).actions).toEqual({ "relay_bucket.it": ["update"] });
    await project.apply(undefined, [`-var=token=${second}`]);
    expect([await post(id, first), await post(id, second)]).toEqual([401, 200]);
  });

  test("a token of one's own secret, write-only, has none in the state; its version changes the secret with a grace", async () => {
    const [first, second] = [newSecret(), newSecret()];
    const name = freshName("token");
    const token = (secret: string, version: number) => ({
      resource: {
        relay_token: { it: { name, api_access: "enabled", own_secret_wo: secret, own_secret_wo_version: version } },
      },
    });
    project = await makeRelayProject(engine, server, token(first, 1));
    await project.apply();
    const state = await project.resource("relay_token.it");
    expect(state).toMatchObject({ secret: null, own_secret: null, own_secret_wo: null, own_secret_wo_version: 1 });
    expect(await project.stateText()).not.toContain(first);
    const login = async (secret: string) =>
      (
        await fetch(`${server.at.http}/v1/version`, {
          headers: { authorization: `Basic ${Buffer.from(`${state.id}:${secret}`).toString("base64")}` },
        })
      ).status;
    expect(await login(first)).toBe(200);
    await project.configure(token(second, 2));
    await project.apply();
    expect([await login(first), await login(second)]).toEqual([200, 200]);
    expect((await project.plan()).actions).toEqual({});
    // Without it, the server makes one.
    await project.configure({ resource: { relay_token: { it: { name, api_access: "enabled" } } } });
    await project.apply();
    const { secret } = await project.resource("relay_token.it");
    expect([await login(second), await login(secret)]).toEqual([200, 200]);
    expect((await project.plan()).actions).toEqual({});
  });

  test("a change of the keepers gives a token a new secret in place; the one before lives for its grace", async () => {
    const name = freshName("token");
    const token = (month: string) => ({
      resource: { relay_token: { it: { name, rotation_keepers: { month }, rotation_grace: 600 } } },
      output: { secret: { value: ref("relay_token.it.secret"), sensitive: true } },
    });
    project = await makeRelayProject(engine, server, token("1"));
    await project.apply();
    const first = await project.resource("relay_token.it");
    expect(first.secret).toMatch(/^[\w-]{43}$/);
    await project.configure(token("2"));
    const plan = await project.plan();
    expect(plan.actions).toEqual({ "relay_token.it": ["update"] });
    expect(plan.json.output_changes.secret.after_unknown).toBe(true);
    await project.apply(plan);
    const second = await project.resource("relay_token.it");
    expect(second.id).toBe(first.id);
    expect(second.secret).not.toBe(first.secret);
    for (const { secret } of [first, second]) {
      const answer = await fetch(`${server.at.http}/v1/version`, {
        headers: { authorization: `Basic ${Buffer.from(`${first.id}:${secret}`).toString("base64")}` },
      });
      expect(answer.status).toBe(200);
    }
    expect((await project.plan()).actions).toEqual({});
  });

  test("an ephemeral token lives for the run alone, and its secret is nowhere", async () => {
    const name = freshName("bucket");
    project = await makeRelayProject(engine, server, {
      ephemeral: { relay_token: { run: { description: name, scopes: { buckets: ["none"] }, ttl: 120 } } },
      resource: {
        relay_bucket: {
          it: {
            name,
            auth: { type: "token", token_wo: ref("ephemeral.relay_token.run.secret"), token_wo_version: 1 },
          },
        },
      },
    });
    await project.apply();
    const tokens = (await server.must("GET", "/v1/tokens")) as { description: string }[];
    expect(tokens.filter(({ description }) => description === name)).toEqual([]);
    expect((await project.resource("relay_bucket.it")).auth).toMatchObject({ token: null, token_wo: null });
    expect((await project.plan()).actions).toEqual({});
  });

  test("a secret and its write-only form exclude each other; the stored one is warned of", async () => {
    const own = newSecret();
    project = await makeRelayProject(engine, server, {
      resource: { relay_token: { it: { name: "x", own_secret: own, own_secret_wo: own } } },
    });
    const both = await project.tryPlan();
    expect(both.exitCode).toBe(1);
    expect(both.text).toContain("own_secret_wo excludes own_secret");
    await project.configure({ resource: { relay_token: { it: { name: "x", own_secret: own } } } });
    const stored = await project.tryPlan();
    expect(stored.exitCode).toBe(0);
    expect(stored.text).toContain("Warning: The secret will be in the state");
  });

  test("threat: a token whose secret was made is never lost because the server could not be asked again", async () => {
    const proxy = await new ApiProxy(server.at.http).start();
    try {
      const name = freshName("token");
      project = await makeRelayProject(
        engine,
        server,
        { resource: { relay_token: { it: { name, rotation_keepers: { a: "1" } } } } },
        { env: { RELAY_API_ADDRESS: proxy.address } },
      );
      proxy.verdict = (method, path) =>
        method === "GET" && path.startsWith("/v1/tokens") ? { status: 400 } : undefined;
      const failed = await project.tryApply();
      expect(failed.exitCode).toBe(1);
      proxy.verdict = () => undefined;
      // Terraform takes it for half made and would make another one; the one there is can be kept.
      const made = await project.resource("relay_token.it");
      expect(made).toMatchObject({ name, secret: expect.stringMatching(/^[\w-]{43}$/) });
      await project.must(["untaint", "relay_token.it"]);
      expect((await project.plan()).actions).toEqual({});

      await project.configure({
        resource: { relay_token: { it: { name, description: "new", rotation_keepers: { a: "2" } } } },
      });
      proxy.verdict = (_, path) => (path.endsWith("/rotate") ? { status: 400 } : undefined);
      expect((await project.tryApply()).exitCode).toBe(1);
      proxy.verdict = () => undefined;
      const half = await project.resource("relay_token.it");
      expect(half).toMatchObject({ description: "new", secret: made.secret, rotation_keepers: { a: "1" } });
      await project.apply();
      expect((await project.resource("relay_token.it")).secret).not.toBe(made.secret);
      expect([...proxy.userAgents].join()).toMatch(/^terraform-provider-relay\/0\.0\.0-test terraform\/\d/);
    } finally {
      proxy.close();
    }
  });
});

test("threat: a client that would keep a write-only secret in its state is refused", async () => {
  await withProviderClient(server, async ({ validate }) => {
    const config = { name: "b", auth: { type: "token", token_wo: "s3cret-of-mine", token_wo_version: 1 } };
    const refused = await validate("relay_bucket", config, { writeOnly: false });
    expect(refused.map(({ detail }) => detail).join()).toMatch(/auth\.token_wo is write-only.*1\.11/);
    expect(JSON.stringify(refused)).not.toContain("s3cret-of-mine");
    expect(await validate("relay_bucket", config, { writeOnly: true })).toEqual([]);
  });
});

test("a run that takes long keeps its ephemeral token, and a run that is cut off leaves one that ends", async () => {
  await withProviderClient(server, async ({ openToken, renewToken, closeToken }) => {
    const now = Date.now();
    const token = await openToken({ ttl: 600 });
    const path = `/v1/tokens/${String(token.values.id)}`;
    const first = (await server.must("GET", path)).expires_at;
    // The server ends it by itself, whatever becomes of the run.
    expect(first).toBeGreaterThanOrEqual(Math.floor(now / 1000) + 600);
    expect(first).toBeLessThan(now / 1000 + 660);
    expect(token.renewAt?.getTime()).toBeLessThan(first * 1000);
    expect(Buffer.from(token.kept ?? []).includes(String(token.values.secret))).toBe(false);

    await server.must("PUT", path, { expires_at: first - 300 });
    expect((await renewToken(token))?.getTime()).toBeGreaterThan(now);
    expect((await server.must("GET", path)).expires_at).toBeGreaterThanOrEqual(first);
    await closeToken(token);
    expect((await server.api("GET", path)).status).toBe(404);
    // Closed twice, as after an error, it is closed.
    await closeToken(token);
  });
});
