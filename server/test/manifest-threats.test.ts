import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ManifestClient, manifestClient } from "./support/manifest-client.js";
import { runServer, type TestServer } from "./support/run-server.js";

let server: TestServer;
let client: ManifestClient;

beforeAll(async () => {
  server = await runServer();
  client = manifestClient(server);
});
afterAll(() => server?.close());
beforeEach(() => client.clear());

test("tells everything that is wrong at once, each with path, message and hint", async () => {
  const { status, json } = await client.tryPlan("team", {
    buckets: {
      github: {
        descriptoin: "a typing error",
        auth: { type: "basic", username: "a:b" },
        inputs: { push: { status_code: 99, headers: { "X-A": "not a list" } } },
        outputs: { ci: { destination: "ftp://nowhere" }, cd: { agents: "all" } },
      },
      " spaces ": null,
    },
    tokens: { ci: { own_secret: "short", id: "x" } },
    webhooks: {},
  });
  expect(status).toBe(400);
  expect(json.message).toContain(`${json.problems.length} problems`);
  const byPath = Object.fromEntries(json.problems.map(({ path, ...rest }: { path: string }) => [path, rest]));
  expect(byPath).toMatchObject({
    "buckets.github.descriptoin": { message: "is not known here", hint: "Did you mean description?" },
    "buckets.github.auth.username": { message: "must not contain a colon (RFC 7617)" },
    "buckets.github.inputs.push.status_code": { message: expect.stringContaining("200 to 599") },
    "buckets.github.inputs.push.headers": { message: expect.stringContaining("array of texts") },
    "buckets.github.outputs.ci.destination": { message: "must be an absolute http or https URL" },
    "buckets.github.outputs.cd.destination": { message: "is required", hint: expect.stringContaining("http://") },
    "buckets.github.outputs.cd.agents": { message: 'must be one of "one", "each"' },
    'buckets[" spaces "]': { message: "as a name must not begin or end with white space" },
    "tokens.ci.own_secret": { message: expect.stringContaining("at least 32 characters") },
    "tokens.ci.id": { message: "is not known here" },
    webhooks: { message: "is not known here", hint: expect.stringContaining("buckets") },
  });
});

test("tells what does not go together", async () => {
  await server.must("POST", "/v1/buckets", { name: "there" });
  const { json } = await client.tryPlan("team", {
    buckets: {
      a: { auth: { type: "basic" } },
      b: { auth: { type: "none", token: "a token for nothing" } },
      c: { auth: { type: "token", token: "", username: "x" } },
    },
    tokens: { ci: { scopes: { buckets: ["a", "there", "nowhere"] }, expires_at: 1 } },
  });
  expect(json.problems.map(({ path }: { path: string }) => path)).toEqual([
    "buckets.a.auth.username",
    "buckets.a.auth.password",
    "buckets.b.auth.token",
    "buckets.c.auth.username",
    "buckets.c.auth.token",
    "tokens.ci.scopes.buckets",
    "tokens.ci.expires_at",
  ]);
});

test.each([
  ["no object", [], 400],
  ["no manifest", {}, 400],
  ["a misspelt option", { manifest: {}, adoptt: ["*"] }, 400],
  ["no fingerprint", { manifest: {} }, 400],
])("refuses an apply with %s", async (_name, body, status) => {
  expect((await server.api("POST", "/v1/manifests/team/apply", body)).status).toBe(status);
});

test.each(["UPPER", "-a", "a/b", "a".repeat(64)])("threat: %s is no name of a manifest", async (name) => {
  const answer = await server.api("POST", `/v1/manifests/${encodeURIComponent(name)}/plan`, { manifest: {} });
  expect(answer.status).toBe(400);
});

test("threat: names that every JavaScript object has are names like others", async () => {
  const content = JSON.parse(
    '{"buckets": {"__proto__": {"inputs": {"constructor": {"headers": {"__proto__": ["1"], "toString": ["2"]}}}}, "toString": null}}',
  );
  await client.planAndApply("team", content);
  expect((await client.plan("team", content)).changes).toEqual([]);
  const bucket = await server.must("GET", "/v1/buckets/__proto__");
  expect(Object.keys(bucket.inputs[0].headers).sort()).toEqual(["__proto__", "toString"]);
  const { content: exported } = await server.must("GET", "/v1/export");
  expect((await client.plan("team", exported)).changes).toEqual([]);
});

test("threat: a token with scopes may neither plan, apply, export nor read the audit", async () => {
  const { id } = await server.must("POST", "/v1/buckets", { name: "own" });
  const limited = await server.token({ scopes: { buckets: [id] }, api_access: "enabled" });
  const basic = `Basic ${Buffer.from(`${limited.key}:${limited.secret}`).toString("base64")}`;
  const body = JSON.stringify({ manifest: {}, fingerprint: "" });
  for (const [method, path] of [
    ["POST", "/v1/manifests/team/plan"],
    ["POST", "/v1/manifests/team/apply"],
    ["GET", "/v1/manifests/team/drift"],
    ["GET", "/v1/manifests"],
    ["DELETE", "/v1/manifests/team"],
    ["GET", "/v1/export"],
    ["GET", "/v1/audit"],
  ] as const) {
    const answer = await fetch(server.at.http + path, {
      method,
      headers: { authorization: basic },
      ...(method === "POST" ? { body } : {}),
    });
    expect([path, answer.status]).toEqual([path, 403]);
  }
});

test("threat: no secret is in an answer, the audit, the kept manifest, or the log", async () => {
  const secrets = {
    password: `password-${randomUUID()}`,
    token: `token-${randomUUID()}`,
    own: `own-${randomUUID()}`,
    changed: `changed-${randomUUID()}`,
  };
  const content = (password: string) => ({
    buckets: {
      a: { auth: { type: "basic", username: "u", password } },
      b: { auth: { type: "token", token: secrets.token } },
    },
    tokens: { ci: { own_secret: secrets.own }, made: null },
  });
  const answers: unknown[] = [];
  const plan = await client.plan("team", content(secrets.password));
  const applied = await client.apply("team", content(secrets.password), plan);
  answers.push(plan, applied.plan);
  const made = applied.secrets.made?.secret ?? "";
  expect(made).not.toBe("");
  const next = await client.plan("team", content(secrets.changed));
  answers.push(next, (await client.tryApply("team", content(secrets.password), next)).json);
  answers.push(await client.apply("team", content(secrets.changed), next));
  // Wrong in every way that repeats a value.
  answers.push((await client.tryPlan("team", { buckets: { a: { auth: { type: secrets.own, password: 1 } } } })).json);
  await server.must("PUT", "/v1/buckets/b", { auth: { type: "token", token: secrets.changed } });
  answers.push(await server.must("GET", "/v1/audit?limit=500"), await server.must("GET", "/v1/export"));
  answers.push(await server.must("GET", "/v1/manifests"), await server.must("GET", "/v1/manifests/team/drift"));
  const { rows } = await server.database.pool.query(
    "SELECT (SELECT json_agg(m) FROM manifests m) AS manifests, (SELECT json_agg(a) FROM audit a) AS audit",
  );
  const everything = JSON.stringify([answers, rows, server.output]);
  expect(everything).toContain("auth.password");
  for (const secret of [...Object.values(secrets), made]) expect(everything).not.toContain(secret);
  const hashes = await server.database.pool.query(
    "SELECT auth_hash AS hash FROM buckets WHERE auth_hash <> '' UNION SELECT secret_hash FROM tokens",
  );
  for (const { hash } of hashes.rows) expect(everything).not.toContain(hash);
});

test("every change is in the audit: who, from where, what", async () => {
  const from = (await server.must("GET", "/v1/audit?limit=1")).entries[0]?.id ?? "0";
  const content = { buckets: { github: { description: "one", inputs: { push: null } } } };
  await client.planAndApply("team", content);
  await server.must("PUT", "/v1/buckets/github", { description: "two" });
  // A change that changes nothing is none.
  await server.must("PUT", "/v1/buckets/github", { description: "two" });
  await server.must("PUT", "/v1/buckets/github/inputs/push", { status_code: 201 });
  await client.planAndApply("team", {});
  const { entries } = await server.must("GET", "/v1/audit");
  const told = entries
    .filter(({ id }: { id: string }) => BigInt(id) > BigInt(from))
    .reverse()
    .map(({ source, action, resource, path, diff, actor_id }: Record<string, unknown>) => {
      expect(actor_id).toBe(server.adminKey);
      return { source, action, resource, path, diff };
    });
  const managed = { path: "managed_by", before: "", after: "manifest/team" };
  expect(told).toEqual([
    {
      source: "manifest/team",
      action: "create",
      resource: "bucket",
      path: ["github"],
      diff: [managed, { path: "description", after: "one" }],
    },
    { source: "manifest/team", action: "create", resource: "input", path: ["github", "push"], diff: [managed] },
    {
      source: "api",
      action: "update",
      resource: "bucket",
      path: ["github"],
      diff: [{ path: "description", before: "one", after: "two" }],
    },
    {
      source: "api",
      action: "update",
      resource: "input",
      path: ["github", "push"],
      diff: [{ path: "status_code", before: 0, after: 201 }],
    },
    { source: "manifest/team", action: "delete", resource: "input", path: ["github", "push"], diff: [] },
    { source: "manifest/team", action: "delete", resource: "bucket", path: ["github"], diff: [] },
  ]);
});

test("the audit is read in pages, by resource and by name", async () => {
  for (let i = 0; i < 5; i += 1) await server.must("POST", "/v1/buckets", { name: `page-${i}` });
  const ids: string[] = [];
  let cursor = "";
  do {
    const query = cursor === "" ? "" : `&cursor=${cursor}`;
    const { entries, next_cursor } = await server.must("GET", `/v1/audit?resource=bucket&limit=2${query}`);
    ids.push(...entries.map(({ id }: { id: string }) => id));
    cursor = next_cursor;
  } while (cursor !== "");
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(5);
  const named = await server.must("GET", "/v1/audit?name=page-3");
  expect(named.entries.map(({ resource }: { resource: string }) => resource).sort()).toEqual(["bucket", "input"]);
  expect((await server.api("GET", "/v1/audit?limit=0")).status).toBe(400);
  expect((await server.api("GET", "/v1/audit?cursor=x")).status).toBe(400);
});

test.each(["UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit", "TRUNCATE audit"])(
  "threat: the audit is append-only: %s",
  async (statement) => {
    await server.must("POST", "/v1/buckets", { name: "audited" });
    await expect(server.database.pool.query(statement)).rejects.toThrow("append-only");
  },
);

test("clients that declare objects say who they are, and the objects keep it", async () => {
  const call = async (method: string, path: string, managedBy: string | undefined, body?: object) => {
    const answer = await fetch(server.at.http + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${server.adminKey}:${server.adminSecret}`).toString("base64")}`,
        ...(managedBy === undefined ? {} : { "relay-managed-by": managedBy }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const bare = await call("POST", "/v1/buckets", "terraform", { name: "tf", default_input: false });
  expect(JSON.parse(bare.text)).toMatchObject({ managed_by: "terraform", inputs: [], outputs: [] });
  await call("POST", "/v1/buckets/tf/inputs", "terraform", { name: "in" });
  await call("POST", "/v1/buckets/tf/outputs", undefined, { name: "out", destination: "http://localhost:1" });
  await call("POST", "/v1/tokens", "pulumi", { name: "tok" });
  await call("PUT", "/v1/buckets/tf", undefined, { description: "by hand" });
  expect(await server.must("GET", "/v1/buckets/tf")).toMatchObject({ managed_by: "terraform", description: "by hand" });
  expect(await server.must("GET", "/v1/buckets/tf/inputs/in")).toMatchObject({ managed_by: "terraform", name: "in" });
  expect(await server.must("GET", "/v1/buckets/tf/outputs/out")).toMatchObject({ managed_by: "" });
  expect(await server.must("GET", "/v1/tokens/tok")).toMatchObject({ managed_by: "pulumi" });
  await call("PUT", "/v1/buckets/tf/outputs/out", "pulumi", { name: "out", destination: "http://localhost:1" });
  expect(await server.must("GET", "/v1/buckets/tf/outputs/out")).toMatchObject({ managed_by: "pulumi" });
  expect((await server.api("GET", "/v1/buckets/tf/inputs/none")).status).toBe(404);
  expect((await call("POST", "/v1/buckets", "No Such Form", { name: "x" })).status).toBe(400);
  const { entries } = await server.must("GET", "/v1/audit?name=tok");
  expect(entries[0]).toMatchObject({ source: "pulumi", action: "create", resource: "token" });
});

test("threat: a manifest that is wrong in a million values is refused before they are counted", async () => {
  const wrong = Object.fromEntries(Array.from({ length: 400_000 }, (_, i) => [`x${i}`, 0]));
  expect((await client.tryPlan("team", { buckets: { a: wrong } })).status).toBe(413);
});

test("threat: the secret that the environment sets is not changed by a manifest, only to come back", async () => {
  await server.must("PUT", `/v1/tokens/${server.adminKey}`, { name: "admin" });
  const content = { tokens: { admin: { api_access: "enabled", own_secret: randomUUID() + randomUUID() } } };
  const { json } = await client.tryPlan("team", content, { adopt: ["token/admin"] });
  expect(json.problems).toMatchObject([{ path: "tokens.admin.own_secret" }]);
});
