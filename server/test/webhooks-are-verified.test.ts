import { randomBytes } from "node:crypto";
import { sign } from "@octokit/webhooks-methods";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manifestClient } from "./support/manifest-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { SIGNING_PROVIDERS } from "./support/signing-providers.js";

const PUBLIC_URL = "https://hooks.example.com";
const BODY = "Body=Hello+world&From=%2B12349013030";
const newSecret = () => randomBytes(24).toString("base64");

let server: TestServer;

beforeAll(async () => {
  server = await runServer({ env: { PUBLIC_URL } });
});
afterAll(() => server.close());

interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function post(path: string, { headers, body }: Post): Promise<{ status: number; text: string; scheme: string }> {
  const response = await fetch(server.at.http + path, { method: "POST", headers, body });
  return {
    status: response.status,
    text: await response.text(),
    scheme: response.headers.get("www-authenticate") ?? "",
  };
}

async function received(route: Route): Promise<number> {
  return (await server.must("GET", `/v1/logs?bucket=${route.bucketId}`)).data.length;
}

const refusals = (reason: string) =>
  server.metric(`relay_webhooks_unverified_total{reason="${reason}"}`).then((count) => count || 0);

describe.each(Object.entries(SIGNING_PROVIDERS))("%s", (_, { verification, fields, suffix = () => "" }) => {
  const secret = newSecret();
  let route: Route;
  let url: string;
  const behind = suffix(BODY);

  beforeAll(async () => {
    route = await server.route({ input: { verification: { ...verification, secret } } });
    url = `${verification.url ?? PUBLIC_URL + route.path}${behind}`;
  });

  const send = async (change: Partial<Post> & { suffix?: string; secret?: string; nowMs?: number } = {}) => {
    const nowMs = change.nowMs ?? Date.now();
    const headers = await fields({ secret: change.secret ?? secret, body: BODY, url, nowMs });
    return post(route.path + (change.suffix ?? behind), {
      headers: change.headers ?? headers,
      body: change.body ?? BODY,
    });
  };

  test("what the provider signs is taken; threat: without a signature, with another body or secret it is not", async () => {
    expect(await send()).toEqual({ status: 200, text: "", scheme: "" });
    expect(await received(route)).toBe(1);
    const [missing, mismatch] = [await refusals("missing"), await refusals("mismatch")];
    const refused = { status: 401, text: "Unauthorized\n", scheme: "Signature" };
    expect(await send({ headers: {} })).toEqual(refused);
    expect(await send({ body: BODY.replace("Hello", "Jello") })).toEqual(refused);
    expect(await send({ secret: newSecret() })).toEqual(refused);
    expect(await refusals("missing")).toBe(missing + 1);
    expect(await refusals("mismatch")).toBe(mismatch + 2);
    // What was refused was before this one, and left no row.
    expect((await send()).status).toBe(200);
    expect(await received(route)).toBe(2);
  });

  test("the secret is in no view of the input", async () => {
    const shown = await server.must("GET", `/v1/buckets/${route.bucketId}/inputs/${route.inputId}`);
    expect(shown.verification).toEqual(verification);
  });
});

test.each(["stripe", "slack", "standard-webhooks", "hmac"])(
  "threat: replay of a webhook of %s with an old time",
  async (name) => {
    const provider = SIGNING_PROVIDERS[name];
    if (provider === undefined) throw new Error(`there is no provider ${name}`);
    const secret = newSecret();
    const route = await server.route({ input: { verification: { ...provider.verification, secret } } });
    const expired = await refusals("expired");
    for (const [ageMs, status] of [
      [400_000, 401],
      [-400_000, 401],
      [30_000, 200],
    ] as const) {
      const headers = await provider.fields({ secret, body: BODY, url: "", nowMs: Date.now() - ageMs });
      expect((await post(route.path, { headers, body: BODY })).status).toBe(status);
    }
    expect(await refusals("expired")).toBe(expired + 2);
    expect(await received(route)).toBe(1);
  },
);

const github = async (secret: string) => ({ headers: { "X-Hub-Signature-256": await sign(secret, BODY) }, body: BODY });

test("a secret is changed with both good for a while; the previous one ends at its time", async () => {
  const [first, second, third] = [newSecret(), newSecret(), newSecret()];
  const route = await server.route({ input: { verification: { type: "github", secret: first } } });
  const path = `/v1/buckets/${route.bucketId}/inputs/${route.inputId}`;
  const statuses = async () =>
    Promise.all([first, second, third].map(async (secret) => (await post(route.path, await github(secret))).status));
  expect(await statuses()).toEqual([200, 401, 401]);
  await server.must("PUT", path, { verification: { type: "github", secret: second, previous_secret: first } });
  expect(await statuses()).toEqual([200, 200, 401]);
  // Secrets that are not given stay.
  const soon = Math.floor(Date.now() / 1000) + 3600;
  await server.must("PUT", path, { verification: { type: "github", previous_secret_until: soon } });
  expect(await statuses()).toEqual([200, 200, 401]);
  await server.must("PUT", path, { verification: { type: "github", previous_secret_until: soon - 7200 } });
  expect(await statuses()).toEqual([401, 200, 401]);
});

test("threat: an update by a client that knows nothing of verification opens no input; the explicit type none does", async () => {
  const secret = newSecret();
  const route = await server.route({ input: { verification: { type: "github", secret } } });
  const path = `/v1/buckets/${route.bucketId}/inputs/${route.inputId}`;
  for (const body of [{ name: "in" }, { description: "d" }, { name: "in", description: "", status_code: 0 }]) {
    await server.must("PUT", path, body);
    expect((await post(route.path, { headers: {}, body: BODY })).status).toBe(401);
    expect((await post(route.path, await github(secret))).status).toBe(200);
  }
  await server.must("PUT", path, { verification: { type: "none" } });
  expect((await post(route.path, { headers: {}, body: BODY })).status).toBe(200);
  // The secret is gone with it.
  const again = await server.api("PUT", path, { verification: { type: "github" } });
  expect([again.status, again.json]).toMatchObject([400, expect.stringContaining("verification.secret: is required")]);
});

test("threat: a sender with an old secret, or a stranger, locks nobody out; a flood of them fills no log", async () => {
  const secret = newSecret();
  const route = await server.route({ input: { verification: { type: "github", secret } } });
  const wrong = await github("another secret");
  for (let i = 0; i < 150; i += 1) expect((await post(route.path, wrong)).status).toBe(401);
  expect((await post(route.path, await github(secret))).status).toBe(200);
  const lines = server.logged("webhook.unverified").filter(({ inputId }) => inputId === route.inputId);
  expect(lines).toMatchObject([{ reason: "mismatch", unsaid: 0 }]);
});

test("the bucket's own authentication comes first, and both must be right", async () => {
  const secret = newSecret();
  const bucket = { auth: { type: "token", token: "a bucket token of ours" } };
  const route = await server.route({ bucket, input: { verification: { type: "github", secret } } });
  const signed = await github(secret);
  const authorization = "Bearer a bucket token of ours";
  expect(await post(route.path, signed)).toMatchObject({ status: 401, scheme: "Bearer" });
  expect(await post(route.path, { headers: { authorization }, body: BODY })).toMatchObject({
    status: 401,
    scheme: "Signature",
  });
  expect((await post(route.path, { ...signed, headers: { ...signed.headers, authorization } })).status).toBe(200);
});

test("threat: a webhook that is refused leaves nothing in an ephemeral bucket either", async () => {
  const secret = newSecret();
  const route = await server.route({
    bucket: { ephemeral: true },
    input: { verification: { type: "github", secret } },
  });
  expect((await post(route.path, await github("another secret"))).status).toBe(401);
  expect((await post(route.path, await github(secret))).status).toBe(200);
  expect(await received(route)).toBe(1);
});

test.each([
  [{ type: "github" }, "verification.secret: is required"],
  [{ type: "github", secret: "" }, "verification.secret: is required"],
  [{ type: "github", secret: "short" }, "verification.secret: must have at least 8 characters"],
  [{ type: "gitlab", secret: "long enough" }, "verification.type: must be one of"],
  [{ type: "standard-webhooks", secret: "whsec_not base64" }, 'verification.secret: must be "whsec_" and base64'],
  [{ type: "stripe", secret: "long enough", tolerance: 0 }, "verification.tolerance: must be at least 1"],
  [{ type: "hmac", secret: "long enough" }, "verification.header: is required"],
])("answers 400 to %j: %s", async (verification, text) => {
  const { bucketId } = await server.route();
  const answer = await server.api("POST", `/v1/buckets/${bucketId}/inputs`, { name: "x", verification });
  expect([answer.status, answer.json]).toMatchObject([400, expect.stringContaining(text)]);
  expect(JSON.stringify(answer.json)).not.toContain("long enough");
});

test("threat: a manifest's secrets are in no plan, audit, export or log, and nothing is left to do after it", async () => {
  const [first, second] = [newSecret(), newSecret()];
  const client = manifestClient(server);
  const manifest = (verification: object) => ({
    buckets: { verified: { inputs: { in: { verification } }, outputs: {} } },
  });
  const declared = manifest({ type: "github", secret: first });
  const plan = await client.plan("verified", declared);
  const applied = await client.apply("verified", declared, plan);
  const bucket = await server.must("GET", "/v1/buckets/verified");
  const path = `/v1/webhooks/${bucket.inputs[0].id}`;
  expect((await post(path, await github(first))).status).toBe(200);
  expect((await client.plan("verified", declared)).changes).toEqual([]);

  const rotated = manifest({ type: "github", secret: second, previous_secret: first });
  const change = await client.plan("verified", rotated);
  expect(change.changes).toMatchObject([
    {
      action: "update",
      attributes: [
        { path: "verification.secret", secret: true },
        { path: "verification.previous_secret", secret: true },
      ],
    },
  ]);
  await client.apply("verified", rotated, change);
  expect((await post(path, await github(first))).status).toBe(200);
  expect((await post(path, await github(second))).status).toBe(200);
  expect((await post(path, await github("another secret"))).status).toBe(401);
  expect((await client.plan("verified", rotated)).changes).toEqual([]);

  const audit = await server.must("GET", "/v1/audit");
  const exported = await server.must("GET", "/v1/export");
  const { rows } = await server.database.pool.query("SELECT i::text AS row FROM inputs i");
  const everything = JSON.stringify([plan, applied, bucket, change, audit, exported, rows]) + server.output;
  expect(everything).toContain("verification");
  for (const secret of [first, second]) expect(everything).not.toContain(secret);

  const opened = manifest({ type: "none" });
  await client.planAndApply("verified", opened);
  expect((await post(path, { headers: {}, body: BODY })).status).toBe(200);
  expect((await client.plan("verified", opened)).changes).toEqual([]);
});
