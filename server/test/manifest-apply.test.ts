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

const GITHUB = {
  buckets: {
    github: {
      description: "pull requests",
      inputs: { push: { status_code: 202, headers: { "Content-Type": ["text/plain"] } }, pr: null },
      outputs: { ci: { destination: "http://ci.internal/hooks", agents: "each" } },
    },
  },
  tokens: { ci: { scopes: { buckets: ["github"] } } },
};

test("makes what is declared, and finds nothing left to do", async () => {
  const plan = await client.plan("team", GITHUB);
  expect(plan.summary).toEqual({ create: 5, update: 0, replace: 0, delete: 0, adopt: 0 });
  expect(plan.changes.map(({ action, path }) => `${action} ${path.join("/")}`)).toEqual([
    "create github",
    "create github/pr",
    "create github/push",
    "create github/ci",
    "create ci",
  ]);
  const applied = await client.apply("team", GITHUB, plan);
  expect(applied.plan).toEqual(plan);
  expect(Object.keys(applied.secrets)).toEqual(["ci"]);

  const bucket = await server.must("GET", "/v1/buckets/github");
  expect(bucket).toMatchObject({ description: "pull requests", managed_by: "manifest/team", stream: true });
  // Nobody declared the input that comes with a bucket for people.
  expect(bucket.inputs.map(({ name }: { name: string }) => name).sort()).toEqual(["pr", "push"]);
  expect(bucket.outputs).toMatchObject([{ name: "ci", agents: "each", managed_by: "manifest/team" }]);

  expect((await client.plan("team", GITHUB)).changes).toEqual([]);
});

test("a token it made opens what its scopes say", async () => {
  const { secrets } = await client.planAndApply("team", {
    ...GITHUB,
    tokens: { ci: { scopes: { buckets: ["github"] }, api_access: "enabled" } },
  });
  const ci = secrets.ci ?? { key: "", secret: "" };
  const answer = await fetch(`${server.at.http}/v1/buckets`, {
    headers: { authorization: `Basic ${Buffer.from(`${ci.key}:${ci.secret}`).toString("base64")}` },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject([{ name: "github" }]);
});

test("changes in place, by attribute, and deletes what is declared no more", async () => {
  await client.planAndApply("team", GITHUB);
  const before = await server.must("GET", "/v1/buckets/github");
  const { outputs } = GITHUB.buckets.github;
  const after = {
    buckets: {
      github: {
        ...GITHUB.buckets.github,
        inputs: { push: { status_code: 204, headers: { "X-A": ["1"] } } },
        outputs: { ci: { ...outputs.ci, timeout: 30 } },
      },
    },
  };
  const plan = await client.plan("team", after);
  expect(
    plan.changes.map(({ action, resource, path, attributes }) => ({ action, resource, path, attributes })),
  ).toEqual([
    { action: "delete", resource: "token", path: ["ci"], attributes: [] },
    { action: "delete", resource: "input", path: ["github", "pr"], attributes: [] },
    {
      action: "update",
      resource: "input",
      path: ["github", "push"],
      attributes: [
        { path: "status_code", before: 202, after: 204 },
        { path: "headers.Content-Type", before: ["text/plain"] },
        { path: "headers.X-A", after: ["1"] },
      ],
    },
    {
      action: "update",
      resource: "output",
      path: ["github", "ci"],
      attributes: [{ path: "timeout", before: 0, after: 30 }],
    },
  ]);
  await client.apply("team", after, plan);
  const bucket = await server.must("GET", "/v1/buckets/github");
  expect(bucket.id).toBe(before.id);
  expect(bucket.inputs).toMatchObject([{ name: "push", status_code: 204, headers: { "X-A": ["1"] } }]);
  expect(bucket.outputs[0]).toMatchObject({ id: before.outputs[0].id, timeout: 30 });
  expect(await server.must("GET", "/v1/tokens")).toHaveLength(1);
});

test("takes over the objects of others only when it is told to, one by one or all", async () => {
  const mine = await server.must("POST", "/v1/buckets", { name: "github", default_input: false });
  await server.must("POST", "/v1/buckets/github/inputs", { name: "push" });
  const refused = await client.tryPlan("team", GITHUB);
  expect(refused.status).toBe(400);
  expect(refused.json.problems).toEqual([
    {
      path: "buckets.github",
      message: "exists already and is managed by people",
      hint: "Take it over by adopting bucket/github, or take it out of this manifest.",
    },
    {
      path: "buckets.github.inputs.push",
      message: "exists already and is managed by people",
      hint: "Take it over by adopting input/github/push, or take it out of this manifest.",
    },
  ]);
  const plan = await client.plan("team", GITHUB, { adopt: ["bucket/github", "input/github/push"] });
  expect(plan.summary).toMatchObject({ adopt: 2, create: 3 });
  expect(plan.changes.find(({ resource }) => resource === "bucket")).toMatchObject({ id: mine.id, managedBy: "" });
  await client.apply("team", GITHUB, plan, { adopt: ["bucket/github", "input/github/push"] });
  expect((await server.must("GET", "/v1/buckets/github")).managed_by).toBe("manifest/team");
  // Nothing is left to adopt: the same request again is no change.
  expect((await client.plan("team", GITHUB, { adopt: ["*"] })).changes).toEqual([]);

  const other = await client.tryPlan("other", { buckets: { github: null } });
  expect(other.json.problems).toMatchObject([
    { path: "buckets.github", message: "exists already and is managed by the manifest team" },
  ]);
});

test("says which address adopts nothing", async () => {
  const { json } = await client.tryPlan("team", GITHUB, { adopt: ["bucket/githbu"] });
  expect(json.problems).toMatchObject([{ path: "adopt" }]);
});

test("threat: a plan that no longer holds is not executed, and the new one is answered", async () => {
  await client.planAndApply("team", GITHUB);
  const after = { buckets: { github: { ...GITHUB.buckets.github, description: "pushes" } }, tokens: GITHUB.tokens };
  const plan = await client.plan("team", after);
  await server.must("PUT", "/v1/buckets/github", { description: "by hand" });
  const refused = await client.tryApply("team", after, plan);
  expect(refused.status).toBe(409);
  expect(refused.json.plan.changes[0].attributes).toEqual([
    { path: "description", before: "by hand", after: "pushes" },
  ]);
  expect((await server.must("GET", "/v1/buckets/github")).description).toBe("by hand");
  await client.apply("team", after, refused.json.plan);
  expect((await server.must("GET", "/v1/buckets/github")).description).toBe("pushes");
});

test("a plan holds while others change what it does not touch", async () => {
  const plan = await client.plan("team", GITHUB);
  await server.must("POST", "/v1/buckets", { name: "somebody-else" });
  await client.apply("team", GITHUB, plan);
});

test("threat: a manifest is not swapped for another between plan and apply", async () => {
  const plan = await client.plan("team", GITHUB);
  const other = { ...GITHUB, buckets: { github: { outputs: { ci: { destination: "http://evil.example/" } } } } };
  expect((await client.tryApply("team", other, plan)).status).toBe(409);
  const secret = (password: string) => ({
    buckets: { s: { auth: { type: "basic", username: "u", password } } },
  });
  const withSecret = await client.plan("team", secret("one password"));
  expect((await client.tryApply("team", secret("another password"), withSecret)).status).toBe(409);
});

test("applies all or nothing: a statement that fails in the middle leaves no trace", async () => {
  const plan = await client.plan("team", GITHUB);
  await server.database.pool.query(
    `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
     CREATE TRIGGER fail BEFORE INSERT ON tokens FOR EACH ROW WHEN (NEW.name = 'ci') EXECUTE FUNCTION fail()`,
  );
  const tables = ["buckets", "inputs", "outputs", "bucket_keys", "audit", "manifests"];
  const count = async () =>
    Promise.all(tables.map(async (table) => (await server.database.pool.query(`SELECT FROM ${table}`)).rowCount));
  const before = await count();
  expect((await client.tryApply("team", GITHUB, plan)).status).toBe(500);
  expect(await count()).toEqual(before);
  await server.database.pool.query("DROP TRIGGER fail ON tokens; DROP FUNCTION fail");
  await client.apply("team", GITHUB, plan);
});

test("a plan changes nothing", async () => {
  await client.planAndApply("team", GITHUB);
  const everything = async () => {
    const all = await Promise.all(
      ["buckets", "inputs", "outputs", "bucket_keys", "audit", "manifests", "catalog_version"].map(
        async (table) => (await server.database.pool.query(`SELECT * FROM ${table} ORDER BY 1`)).rows,
      ),
    );
    return JSON.stringify(all);
  };
  const before = await everything();
  await client.plan("team", {});
  await client.tryPlan("team", { buckets: { x: { description: 1 } } });
  await server.must("GET", "/v1/manifests/team/drift");
  await server.must("GET", "/v1/export");
  expect(await everything()).toBe(before);
});

test("a bucket with undelivered webhooks is deleted only when the loss is allowed", async () => {
  await client.planAndApply("team", GITHUB);
  const bucket = await server.must("GET", "/v1/buckets/github");
  const sent = await fetch(`${server.at.http}/v1/webhooks/${bucket.inputs[0].id}`, { method: "POST", body: "{}" });
  expect(sent.status).toBeLessThan(300);
  // For an agent that was here once, an output for each one has nobody else to wait for.
  await server.database.pool.query(
    "INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, size) VALUES ($1, $1, $2, $3, 1)",
    [randomUUID(), bucket.id, bucket.outputs[0].id],
  );
  const rest = { tokens: { ci: null } };
  const refused = await client.tryPlan("team", rest);
  expect(refused.json.problems).toMatchObject([
    { path: "buckets.github", hint: expect.stringContaining("allow_undelivered_loss") },
  ]);
  const options = { allow_undelivered_loss: true };
  const plan = await client.plan("team", rest, options);
  expect(plan.changes.find(({ resource }) => resource === "bucket")).toMatchObject({
    action: "delete",
    undelivered: 1,
  });
  // What was allowed for the plan is not allowed for good.
  expect((await client.tryApply("team", rest, plan)).status).toBe(400);
  await client.apply("team", rest, plan, options);
  expect((await server.api("GET", "/v1/buckets/github")).status).toBe(404);
  const left = await server.database.pool.query("SELECT FROM deliveries WHERE bucket_id = $1", [bucket.id]);
  expect(left.rowCount).toBe(0);
});

test("threat: what others put into its bucket is not deleted along with it unless they are named", async () => {
  await client.planAndApply("team", { buckets: { github: null } });
  await server.must("POST", "/v1/buckets/github/inputs", { name: "by-hand" });
  for (const adopt of [[], ["*"]]) {
    const refused = await client.tryPlan("team", {}, { adopt });
    expect(refused.json.problems).toMatchObject([
      { path: "buckets.github.inputs.by-hand", hint: expect.stringContaining("input/github/by-hand") },
    ]);
  }
  const adopt = ["input/github/by-hand"];
  const plan = await client.plan("team", {}, { adopt });
  expect(plan.changes.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
    "delete input",
    "delete bucket",
  ]);
  await client.apply("team", {}, plan, { adopt });
  expect((await server.api("GET", "/v1/buckets/github")).status).toBe(404);
});

test("keeps a secret that is not given, and changes one that is another", async () => {
  const withPassword = (password?: string) => ({
    buckets: { s: { auth: { type: "basic", username: "u", ...(password === undefined ? {} : { password }) } } },
  });
  const missing = await client.tryPlan("team", withPassword());
  expect(missing.json.problems).toMatchObject([{ path: "buckets.s.auth.password" }]);
  await client.planAndApply("team", withPassword("correct horse"));
  expect((await client.plan("team", withPassword("correct horse"))).changes).toEqual([]);
  expect((await client.plan("team", withPassword())).changes).toEqual([]);
  const plan = await client.plan("team", withPassword("battery staple"));
  expect(plan.changes).toMatchObject([{ action: "update", attributes: [{ path: "auth.password", secret: true }] }]);
  await client.apply("team", withPassword("battery staple"), plan);
  expect((await client.plan("team", withPassword("battery staple"))).changes).toEqual([]);
  const open = { buckets: { s: null } };
  await client.planAndApply("team", open);
  expect((await server.must("GET", "/v1/buckets/s")).auth).toEqual({ type: "none", username: "" });
});

test("a token with a secret of one's own gets none from the server, and is not asked for it again", async () => {
  const own = randomUUID() + randomUUID();
  const content = (secret: string) => ({ tokens: { ci: { own_secret: secret } } });
  expect((await client.planAndApply("team", content(own))).secrets).toEqual({});
  expect((await client.plan("team", content(own))).changes).toEqual([]);
  const another = randomUUID() + randomUUID();
  const { plan } = await client.planAndApply("team", content(another));
  expect(plan.changes).toMatchObject([{ action: "update", attributes: [{ path: "own_secret", secret: true }] }]);
  expect((await client.plan("team", content(another))).changes).toEqual([]);
});

test("drift is told by the API and by a metric, and repaired by the same manifest", async () => {
  await client.planAndApply("team", GITHUB);
  expect((await server.must("GET", "/v1/manifests/team/drift")).changes).toEqual([]);
  expect(await server.metric('relay_manifest_drift{manifest="team"}')).toBe(0);
  await server.must("PUT", "/v1/buckets/github", { description: "by hand" });
  await server.must("DELETE", "/v1/buckets/github/outputs/ci");
  const drift = await server.must("GET", "/v1/manifests/team/drift");
  expect(drift.summary).toMatchObject({ update: 1, create: 1 });
  expect(await server.metric('relay_manifest_drift{manifest="team"}')).toBe(2);
  await client.planAndApply("team", GITHUB);
  expect(await server.metric('relay_manifest_drift{manifest="team"}')).toBe(0);
  expect((await server.api("GET", "/v1/manifests/never/drift")).status).toBe(404);
});

test("a manifest that is forgotten leaves its objects to people", async () => {
  await client.planAndApply("team", GITHUB);
  expect(await server.must("GET", "/v1/manifests")).toMatchObject([
    { name: "team", applied_by: server.adminKey, objects: 5 },
  ]);
  await server.must("DELETE", "/v1/manifests/team");
  expect(await server.must("GET", "/v1/manifests")).toEqual([]);
  expect((await server.must("GET", "/v1/buckets/github")).managed_by).toBe("");
  expect((await server.api("DELETE", "/v1/manifests/team")).status).toBe(404);
});

test("the export of what exists is a manifest that changes nothing", async () => {
  await client.planAndApply("team", {
    ...GITHUB,
    buckets: { ...GITHUB.buckets, s: { auth: { type: "token", token: "a token of theirs" } } },
  });
  const { content, secrets } = await server.must("GET", "/v1/export?manifest=team");
  expect(secrets).toEqual(["buckets.s.auth.token"]);
  expect(content.buckets.github).toEqual({
    description: "pull requests",
    inputs: { push: { status_code: 202, headers: { "Content-Type": ["text/plain"] } }, pr: {} },
    outputs: { ci: { destination: "http://ci.internal/hooks", agents: "each" } },
  });
  expect((await client.plan("team", content)).changes).toEqual([]);
  const whole = await server.must("GET", "/v1/export");
  expect((await client.plan("team", whole.content)).changes).toEqual([]);
});
