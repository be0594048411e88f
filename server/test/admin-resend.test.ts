import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials, writeWebhook } from "./admin-api.js";
import { agentKnownByName } from "./support/agent-known-by-name.js";
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
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: `resend ${nextBucket}` });
  const output = await api.call(admin, "POST", `/v1/buckets/${json.id}/outputs`, {
    name: "o",
    destination: "http://x",
    ...fields,
  });
  return { id: json.id as string, name: json.name as string, output: output.json.id as string };
}

const newAgent = (name: string, outputId: string) => agentKnownByName(api, admin, { name, outputId });
const waiting = (bucketId: string) => waitingDeliveries(api.pool, bucketId);

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
  const [{ id: next, size } = { id: "", size: 0 }] = rows;
  expect(next > id).toBe(true);
  expect(size).toBeGreaterThan(0);
  expect(api.published).toContainEqual({ topic: "work", subjects: [bucket.output] });
  expect((await api.call(admin, "GET", `/v1/logs/${id}`)).json.status).toBe("stalled");
  // The new one is on its way already.
  expect((await resend(next)).status).toBe(412);
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

it("keeps the wish that functions do not run again", async () => {
  const bucket = await newBucket();
  const { id } = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 2 } });
  for (const process_policy of ["skip", "force", ""]) expect((await resend(id, { process_policy })).status).toBe(200);
  expect((await waiting(bucket.id)).map(({ skipFunction }) => skipFunction)).toEqual([true, false, false]);
  expect((await resend(id, { process_policy: "often" })).status).toBe(400);
});
