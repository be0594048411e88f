import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials, writeWebhook } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;
let nextBucket = 0;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api.close());

async function newBucket(fields: object = {}) {
  nextBucket += 1;
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: `resend ${nextBucket}` });
  const output = await api.call(admin, "POST", `/v1/buckets/${json.id}/outputs`, {
    name: "o",
    destination: "http://x",
    ...fields,
  });
  return { id: json.id as string, name: json.name as string, output: output.json.id as string };
}

/** Makes an agent known by name that serves the output. */
async function newAgent(name: string, outputId: string): Promise<number> {
  const { rows } = await api.pool.query(
    "INSERT INTO agents (token_id, name, output_ids) VALUES ($1, $2, $3::uuid[]) RETURNING id",
    [admin.key, name, [outputId]],
  );
  return rows[0].id;
}

async function waiting(bucketId: string) {
  const { rows } = await api.pool.query(
    `SELECT id, webhook_id AS "webhookId", output_id AS "outputId", agent_id AS "agentId", attempt, holder, size
     FROM deliveries WHERE bucket_id = $1 ORDER BY id`,
    [bucketId],
  );
  return rows;
}

const resend = (id: string, body: object = {}) =>
  api.call(admin, "POST", `/v1/logs/${id}/action`, { action: "resend", ...body });

it("makes a new delivery of the same webhook wait, and hints at it", async () => {
  const bucket = await newBucket();
  const { id, webhookId } = await writeWebhook(api, {
    bucketId: bucket.id,
    outputId: bucket.output,
    outcome: { status: 3 },
  });
  const answer = await resend(id);
  expect(answer.status).toBe(200);
  const rows = await waiting(bucket.id);
  expect(rows).toMatchObject([{ webhookId, outputId: bucket.output, agentId: 0, attempt: 0, holder: null }]);
  expect(rows[0].id > id).toBe(true);
  expect(rows[0].size).toBeGreaterThan(0);
  expect(api.published).toContainEqual({ topic: "work", subjects: [bucket.output] });
  expect((await api.call(admin, "GET", `/v1/logs/${id}`)).json.status).toBe("stalled");
  // The new one is on its way already.
  expect((await resend(rows[0].id)).status).toBe(412);
});

it("goes to another output when one is named, by id or name", async () => {
  const bucket = await newBucket();
  const other = await api.call(admin, "POST", `/v1/buckets/${bucket.id}/outputs`, {
    name: "other",
    destination: "http://y",
  });
  const { id } = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output });
  for (const output of [other.json.id, "other"]) expect((await resend(id, { output })).status).toBe(200);
  expect((await waiting(bucket.id)).map(({ outputId }) => outputId)).toEqual([
    bucket.output,
    other.json.id,
    other.json.id,
  ]);
  expect((await resend(id, { output: "nowhere" })).status).toBe(404);
});

it("with `each` goes to the agent it was for; to another output, to all that serve it", async () => {
  const bucket = await newBucket({ agents: "each" });
  const a = await newAgent(`a ${bucket.id}`, bucket.output);
  const b = await newAgent(`b ${bucket.id}`, bucket.output);
  const base = { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 3 } };
  expect((await resend((await writeWebhook(api, { ...base, agentId: b })).id)).status).toBe(200);
  expect((await waiting(bucket.id)).map(({ agentId }) => agentId)).toEqual([b]);
  expect((await resend((await writeWebhook(api, { ...base, agentId: 0 })).id)).status).toBe(200);
  expect((await waiting(bucket.id)).map(({ agentId }) => agentId)).toEqual([b, a, b]);
  const gone = await resend((await writeWebhook(api, { ...base, agentId: 999_999 })).id);
  expect([gone.status, gone.text.includes("No agent known by name")]).toEqual([412, true]);
});

it("answers 412 to what cannot be re-sent, and says why", async () => {
  const bucket = await newBucket();
  const base = { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 3 } };
  const ephemeral = await resend((await writeWebhook(api, { ...base, ephemeral: true })).id);
  expect([ephemeral.status, ephemeral.text]).toEqual([
    412,
    "Ephemeral webhooks cannot be re-sent: they were never stored.",
  ]);
  const dropped = await writeWebhook(api, base);
  await api.pool.query("DELETE FROM webhooks WHERE id = $1", [dropped.webhookId]);
  expect((await resend(dropped.id)).text).toContain("Retention has removed");
  const nowhere = await resend((await writeWebhook(api, { ...base, outputId: null })).id);
  expect([nowhere.status, nowhere.text.includes("Name one")]).toEqual([412, true]);
  const stalled = await writeWebhook(api, base);
  await api.call(admin, "PUT", `/v1/buckets/${bucket.id}/outputs/o`, { disabled: true });
  expect((await resend(stalled.id)).text).toContain("disabled");
  expect(await waiting(bucket.id)).toEqual([]);
  expect((await api.call(admin, "POST", `/v1/logs/${stalled.id}/action`, { action: "delete" })).status).toBe(400);
});

it("re-sends many, oldest first, page by page, and skips what cannot be", async () => {
  const bucket = await newBucket();
  const base = { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 3 } };
  const stalled: string[] = [];
  for (let i = 0; i < 5; i += 1) stalled.push((await writeWebhook(api, base)).webhookId);
  await writeWebhook(api, { ...base, ephemeral: true });
  await writeWebhook(api, { ...base, outcome: { status: 1 } });
  const first = await api.call(admin, "POST", "/v1/logs/resend", { bucket: bucket.name, limit: 3 });
  expect([first.status, first.json]).toMatchObject([200, { resent: 3, skipped: 0 }]);
  const second = await api.call(admin, "POST", "/v1/logs/resend", {
    bucket: bucket.id,
    limit: 4,
    cursor: first.json.next_cursor,
  });
  expect(second.json).toEqual({ resent: 2, skipped: 1 });
  expect((await waiting(bucket.id)).map(({ webhookId }) => webhookId)).toEqual(stalled);
  const none = await api.call(admin, "POST", "/v1/logs/resend", { bucket: bucket.id, to: "2020-01-01" });
  expect(none.json).toEqual({ resent: 0, skipped: 0 });
});

it("answers 400 to a wrong bulk request", async () => {
  const bucket = await newBucket();
  for (const [body, text] of [
    [{}, "bucket: is required"],
    [{ bucket: bucket.id, limit: 1001 }, "limit: must be at most 1000"],
    [{ bucket: bucket.id, status: "preparing" }, "status: must be one of"],
    [{ bucket: bucket.id, from: "x" }, "from: is not a day or a time"],
  ] as const) {
    const answer = await api.call(admin, "POST", "/v1/logs/resend", body);
    expect([answer.status, answer.text.includes(text)]).toEqual([400, true]);
  }
  expect((await api.call(admin, "POST", "/v1/logs/resend", { bucket: "none" })).status).toBe(404);
});
