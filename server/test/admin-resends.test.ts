import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials, type SampleWebhook, writeWebhook } from "./admin-api.js";
import { agentKnownByName } from "./support/agent-known-by-name.js";
import { waitFor } from "./support/wait-for.js";
import { waitingDeliveries } from "./support/waiting-deliveries.js";

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
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: `resends ${nextBucket}` });
  const output = await newOutput(json.id, "o", fields);
  const input = await api.call(admin, "POST", `/v1/buckets/${json.id}/inputs`, { name: "i" });
  const write = (sample: Partial<SampleWebhook> = {}) =>
    writeWebhook(api, { bucketId: json.id, outputId: output, outcome: { status: 3 }, ...sample });
  return { id: json.id as string, name: json.name as string, output, input: input.json.id as string, write };
}

async function newOutput(bucketId: string, name: string, fields: object = {}): Promise<string> {
  const body = { name, destination: "http://x", ...fields };
  return (await api.call(admin, "POST", `/v1/buckets/${bucketId}/outputs`, body)).json.id;
}

const newAgent = (name: string, outputId: string) => agentKnownByName(api, admin, { name, outputId });
const waiting = (bucketId: string) => waitingDeliveries(api.pool, bucketId);

const count = async (body: object) => {
  const { status, json } = await api.call(admin, "POST", "/v1/resends", { ...body, dry_run: true });
  return status === 200 && json.at_least === false ? json.count : json;
};

/** Starts a job and waits for its end. */
async function run(body: object) {
  const started = await api.call(admin, "POST", "/v1/resends", { rate: 10_000, ...body });
  expect([started.status, started.text]).toEqual([201, started.text]);
  return waitFor(
    "the end of the job",
    async () => {
      const { json } = await api.call(admin, "GET", `/v1/resends/${started.json.id}`);
      return json.state !== "running" && json;
    },
    { timeoutMs: 25_000 },
  );
}

it("sends what matches again, oldest first, to the outputs they were for, and hints at it", async () => {
  const bucket = await newBucket();
  const stalled: string[] = [];
  for (let i = 0; i < 5; i += 1) stalled.push((await bucket.write()).webhookId);
  await bucket.write({ outcome: { status: 1 } });
  const job = await run({ bucket: bucket.name });
  expect(job).toMatchObject({
    bucket_id: bucket.id,
    status: ["stalled"],
    state: "done",
    total: 5,
    at_least: false,
    found: 5,
    made: 5,
    skipped: { ephemeral: 0, removed: 0, no_output: 0, no_agent: 0, again: 0 },
    error: "",
    from: "",
    process_policy: "force",
    finished_at: expect.any(Number),
  });
  const rows = await waiting(bucket.id);
  expect(rows.map(({ webhookId }) => webhookId)).toEqual(stalled);
  expect(rows[0]).toMatchObject({ outputId: bucket.output, agentId: 0, attempt: 0, holder: null, skipFunction: false });
  expect(api.published).toContainEqual({ topic: "work", subjects: [bucket.output] });
});

it("counts what matches before anything is sent, by all that narrows it down", async () => {
  const bucket = await newBucket();
  const other = await newOutput(bucket.id, "other");
  const yesterday = Date.now() - 86_400_000;
  await bucket.write();
  await bucket.write({ outcome: { status: 2 }, inputId: bucket.input });
  await bucket.write({ outcome: { status: 2 }, outputId: other });
  await bucket.write({ outcome: { status: 5 }, receivedAt: yesterday });
  await bucket.write({ outcome: { status: 4 }, outputId: null });
  await bucket.write({ outcome: { status: 1 }, ephemeral: true });
  const of = { bucket: bucket.id };
  const all = { ...of, status: ["stalled", "failed", "rejected", "sent", "received"] };
  const today = new Date(yesterday + 60_000).toISOString();
  expect(await count(of)).toBe(1);
  expect(await count(all)).toBe(6);
  expect(await count({ ...of, status: ["failed", "stalled", "failed"] })).toBe(3);
  expect(await count({ ...all, output: "other" })).toBe(1);
  expect(await count({ ...all, output: bucket.output, status: ["failed"] })).toBe(1);
  expect(await count({ ...all, input: "i" })).toBe(1);
  expect(await count({ ...all, from: today })).toBe(5);
  expect(await count({ ...all, to: today })).toBe(1);
  expect(await waiting(bucket.id)).toEqual([]);
  expect((await api.call(admin, "GET", `/v1/resends?bucket=${bucket.id}`)).json.data).toEqual([]);
});

it("says at least so many where counting ends", async () => {
  const bucket = await newBucket();
  const { webhookId } = await bucket.write();
  await api.pool.query(
    `INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, status)
     SELECT overlay(w.id::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, w.id, w.bucket_id, $2, 3
     FROM webhooks w, generate_series(1, 100000) AS n WHERE w.id = $1`,
    [webhookId, bucket.output],
  );
  const { json } = await api.call(admin, "POST", "/v1/resends", { bucket: bucket.id, dry_run: true });
  expect(json).toEqual({ count: 100_000, at_least: true });
  // One webhook, a hundred thousand times in the history: it goes out once.
  const job = await run({ bucket: bucket.id });
  expect(job).toMatchObject({ found: 100_001, made: 1, skipped: { again: 100_000 }, at_least: true });
  expect(await waiting(bucket.id)).toHaveLength(1);
  await waitFor("what the job made to be forgotten", async () => {
    const { rows } = await api.pool.query("SELECT count(*)::int AS n FROM resend_targets");
    return rows[0].n === 0;
  });
});

it("skips what cannot be sent, and says why", async () => {
  const bucket = await newBucket();
  const gone = await newOutput(bucket.id, "gone");
  const each = await newOutput(bucket.id, "each", { agents: "each" });
  await bucket.write();
  await bucket.write({ ephemeral: true });
  const removed = await bucket.write();
  await api.pool.query("DELETE FROM webhooks WHERE id = $1", [removed.webhookId]);
  await bucket.write({ outputId: gone });
  await bucket.write({ outputId: null });
  await bucket.write({ outputId: each, agentId: 999_999 });
  await api.call(admin, "DELETE", `/v1/buckets/${bucket.id}/outputs/${gone}`);
  expect(await run({ bucket: bucket.id })).toMatchObject({
    found: 6,
    made: 1,
    skipped: { ephemeral: 1, removed: 1, no_output: 2, no_agent: 1, again: 0 },
  });
});

it("sends to another output when one is named, once for each webhook, also what a deleted output got", async () => {
  const bucket = await newBucket();
  const gone = await newOutput(bucket.id, "gone");
  const each = await newOutput(bucket.id, "each", { agents: "each" });
  const [a, b] = [await newAgent(`a ${bucket.id}`, each), await newAgent(`b ${bucket.id}`, each)];
  const { webhookId } = await bucket.write({ outputId: gone });
  await api.pool.query(
    "INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, status) VALUES ($1, $1, $2, $3, 3)",
    [webhookId, bucket.id, gone],
  );
  await bucket.write();
  await api.call(admin, "DELETE", `/v1/buckets/${bucket.id}/outputs/${gone}`);
  const job = await run({ bucket: bucket.id, output: gone, to_output: "each", process_policy: "skip" });
  expect(job).toMatchObject({ found: 2, made: 1, skipped: { again: 1 }, to_output_id: each, process_policy: "skip" });
  expect(await waiting(bucket.id)).toMatchObject(
    [a, b].map((agentId) => ({ webhookId, outputId: each, agentId, skipFunction: true })),
  );
});

it("with `each` goes to the agent it was for", async () => {
  const bucket = await newBucket({ agents: "each" });
  await newAgent(`a ${bucket.id}`, bucket.output);
  const b = await newAgent(`b ${bucket.id}`, bucket.output);
  await bucket.write({ agentId: b });
  await run({ bucket: bucket.id });
  expect((await waiting(bucket.id)).map(({ agentId }) => agentId)).toEqual([b]);
});

it("does not send again what it sent itself", async () => {
  const bucket = await newBucket();
  await bucket.write();
  await run({ bucket: bucket.id });
  // They fail again, under ids of their own, before the next one begins: those are its own business.
  await api.pool.query(
    `WITH gone AS (DELETE FROM deliveries WHERE bucket_id = $1 RETURNING *)
     INSERT INTO outcomes (id, webhook_id, bucket_id, output_id, status)
     SELECT id, webhook_id, bucket_id, output_id, 3 FROM gone`,
    [bucket.id],
  );
  expect(await run({ bucket: bucket.id })).toMatchObject({ found: 2, made: 1, skipped: { again: 1 } });
});

it("is cancelled by DELETE: what was made stays, nothing more comes", async () => {
  const bucket = await newBucket();
  for (let i = 0; i < 20; i += 1) await bucket.write();
  const { json } = await api.call(admin, "POST", "/v1/resends", { bucket: bucket.id, rate: 1 });
  await waitFor("the first", async () => (await waiting(bucket.id)).length > 0);
  const cancelled = await api.call(admin, "DELETE", `/v1/resends/${json.id}`);
  expect([cancelled.status, cancelled.json.state]).toEqual([200, "cancelled"]);
  const made = (await waiting(bucket.id)).length;
  expect([cancelled.json.made, made < 20]).toEqual([made, true]);
  // Whole jobs come and go after it.
  await run({ bucket: (await newBucket()).id });
  expect((await waiting(bucket.id)).length).toBe(made);
  expect((await api.call(admin, "DELETE", `/v1/resends/${json.id}`)).json.state).toBe("cancelled");
});

it("fails when the output that it sends to is deleted under it, with the reason", async () => {
  const bucket = await newBucket();
  const target = await newOutput(bucket.id, "target");
  for (let i = 0; i < 20; i += 1) await bucket.write();
  const { json } = await api.call(admin, "POST", "/v1/resends", { bucket: bucket.id, rate: 2, to_output: target });
  await api.call(admin, "DELETE", `/v1/buckets/${bucket.id}/outputs/${target}`);
  const job = await waitFor("the end", async () => {
    const answer = await api.call(admin, "GET", `/v1/resends/${json.id}`);
    return answer.json.state !== "running" && answer.json;
  });
  expect(job).toMatchObject({ state: "failed", error: "The output to send to was deleted or disabled." });
});

it("ends with its bucket", async () => {
  const bucket = await newBucket();
  for (let i = 0; i < 5; i += 1) await bucket.write();
  const { json } = await api.call(admin, "POST", "/v1/resends", { bucket: bucket.id, rate: 1 });
  await api.call(admin, "DELETE", `/v1/buckets/${bucket.id}?force=true`);
  expect((await api.call(admin, "GET", `/v1/resends/${json.id}`)).status).toBe(404);
});

it("lists jobs, newest first, page by page", async () => {
  const bucket = await newBucket();
  const ids: string[] = [];
  for (let i = 0; i < 3; i += 1) ids.unshift((await run({ bucket: bucket.id })).id);
  const page = (await api.call(admin, "GET", `/v1/resends?bucket=${bucket.id}&limit=2`)).json;
  const next = await api.call(admin, "GET", `/v1/resends?bucket=${bucket.id}&cursor=${page.next_cursor}`);
  expect([...page.data, ...next.json.data].map(({ id }: { id: string }) => id)).toEqual(ids);
  expect(next.json.next_cursor).toBeUndefined();
});

it("says what is wrong with a request", async () => {
  const bucket = await newBucket();
  await api.call(admin, "PUT", `/v1/buckets/${bucket.id}/outputs/o`, { disabled: true });
  for (const [body, status, text] of [
    [{}, 400, "bucket: is required"],
    [{ bucket: bucket.id, status: ["preparing"] }, 400, "status[0]: must be one of"],
    [{ bucket: bucket.id, status: [] }, 400, "status"],
    [{ bucket: bucket.id, rate: 0 }, 400, "rate: must be at least 1"],
    [{ bucket: bucket.id, from: "x" }, 400, "from: is not a day or a time"],
    [{ bucket: bucket.id, input: "none" }, 404, "has no input"],
    [{ bucket: bucket.id, output: "none" }, 404, "has no output"],
    [{ bucket: bucket.id, to_output: "none" }, 404, "has no output"],
    [{ bucket: bucket.id, to_output: "o" }, 412, "is disabled"],
    [{ bucket: "none" }, 404, "There is no bucket"],
  ] as const) {
    const answer = await api.call(admin, "POST", "/v1/resends", body);
    expect([body, answer.status, answer.text.includes(text)]).toEqual([body, status, true]);
  }
  expect((await api.call(admin, "GET", "/v1/resends/none")).status).toBe(404);
});
