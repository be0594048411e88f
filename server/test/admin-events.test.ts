import { afterAll, beforeAll, expect, it } from "vitest";
import { KeyUnavailableError } from "../src/crypto/key-unavailable-error.js";
import { bootAdmin, type Credentials, writeWebhook } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;
let nextBucket = 0;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api.close());

async function newBucket(fields: object = {}): Promise<{ id: string; name: string }> {
  nextBucket += 1;
  return (await api.call(admin, "POST", "/v1/buckets", { name: `events ${nextBucket}`, ...fields })).json;
}

/** A webhook that nobody has fetched yet. */
const write = (bucketId: string, fields: object = {}) =>
  writeWebhook(api, { bucketId, outputId: null, outcome: { status: 4, attempt: 0 }, ...fields });

const pull = (bucketId: string, query = "", who = admin) =>
  api.call(who, "GET", `/v1/events?bucket=${encodeURIComponent(bucketId)}${query}`);

it("shows webhooks as the log does, with what they were sent with", async () => {
  const bucket = await newBucket();
  const { id } = await write(bucket.id, {
    body: Buffer.from([0xff, 0]),
    headers: ["X-Kind", "a", "x-kind", "b"],
    query: "q=1",
    path: "/deeper",
  });
  const { json } = await pull(bucket.name);
  expect(json).toMatchObject({ has_more: false, next_cursor: expect.stringMatching(/./) });
  // The helper writes an answer into every outcome; what was never delivered has none. Runs of functions are told by the log of
  // one webhook alone.
  const {
    duration_ms: _duration,
    response_headers: _headers,
    input_function_execution_id: _input,
    output_function_execution_id: _output,
    response_function_execution_id: _response,
    ...log
  } = (await api.call(admin, "GET", `/v1/logs/${id}`)).json;
  expect(json.logs).toMatchObject([log]);
  expect(log).toMatchObject({
    status: "sent",
    body_base64: "/wA=",
    raw_query: "q=1",
    extra_path: "/deeper",
    headers: { "X-Kind": ["a", "b"] },
  });
});

it("leaves what is older than max_age, a day unless told otherwise", async () => {
  const bucket = await newBucket();
  const hour = 3_600_000;
  const old = await write(bucket.id, { receivedAt: Date.now() - 2 * hour });
  const fresh = await write(bucket.id);
  expect((await pull(bucket.id, "&max_age=1h30m")).json.logs).toMatchObject([{ id: fresh.id }]);
  expect((await pull(bucket.id)).json.logs).toMatchObject([{ id: old.id }]);
});

it("ends a page before its webhooks are too many bytes, and says that there are more", async () => {
  const bucket = await newBucket({ large_webhooks: true });
  const body = Buffer.alloc(5 * 1024 * 1024, "x");
  for (let i = 0; i < 3; i += 1) await write(bucket.id, { body });
  const first = (await pull(bucket.id)).json;
  expect([first.logs.length, first.has_more]).toEqual([2, true]);
  const second = (await pull(bucket.id)).json;
  expect([second.logs.length, second.has_more]).toEqual([1, false]);
});

it("keeps webhooks that cannot be opened at the moment, and hands out those that never can", async () => {
  const bucket = await newBucket();
  const whole = await write(bucket.id);
  const broken = await write(bucket.id);
  await api.pool.query("UPDATE webhooks SET sealed = 'damaged' WHERE id = $1", [broken.webhookId]);
  const open = api.keyring.open.bind(api.keyring);
  api.keyring.open = () => Promise.reject(new KeyUnavailableError("away", "the key service does not answer"));
  const answer = await pull(bucket.id);
  api.keyring.open = open;
  expect([answer.status, answer.text.includes("They stay")]).toEqual([503, true]);
  expect(answer.headers["retry-after"]).toBe("5");
  const { json } = await pull(bucket.id);
  expect(json.logs).toMatchObject([
    { id: whole.id, body: "{}" },
    { id: broken.id, body: "", error: expect.stringContaining("cannot be opened") },
  ]);
});

it("hands out nothing of an ephemeral bucket; left-overs of such a time come without content", async () => {
  const bucket = await newBucket({ ephemeral: true });
  const { id } = await write(bucket.id, { ephemeral: true });
  const refused = await pull(bucket.id);
  expect([refused.status, refused.text.includes("is ephemeral")]).toEqual([412, true]);
  await api.call(admin, "PUT", `/v1/buckets/${bucket.id}`, { ephemeral: false });
  expect((await pull(bucket.id)).json.logs).toMatchObject([{ id, ephemeral: true, body: "", headers: {} }]);
});

it("takes a report of what was handed out however late, and corrects a report within 10 seconds only", async () => {
  const bucket = await newBucket();
  const { id } = await write(bucket.id, { receivedAt: Date.now() - 60_000 });
  await pull(bucket.id);
  expect((await api.call(admin, "PUT", `/v1/logs/${id}`, { status_code: 503 })).status).toBe(200);
  expect((await api.call(admin, "GET", `/v1/logs/${id}`)).json).toMatchObject({ status: "failed", status_code: 503 });
  expect((await api.call(admin, "PUT", `/v1/logs/${id}`, { status_code: 200 })).status).toBe(400);
});

it("says what is wrong with a request", async () => {
  const bucket = await newBucket();
  const path = `/v1/buckets/${bucket.id}/outputs`;
  await api.call(admin, "POST", path, { name: "each", destination: "http://x", agents: "each" });
  for (const [url, status, words] of [
    ["/v1/events", 400, "bucket: is required"],
    [`/v1/events?bucket=${bucket.id}&limit=101`, 400, "limit: must be a whole number from 1 to 100"],
    [`/v1/events?bucket=${bucket.id}&limit=0`, 400, "limit: must be"],
    [`/v1/events?bucket=${bucket.id}&wait=31`, 400, "wait: must be a whole number from 0 to 30"],
    [`/v1/events?bucket=${bucket.id}&max_age=1d`, 400, "max_age: is not a duration; for example 24h"],
    [`/v1/events?bucket=${bucket.id}&max_age=1h&max_age=2h`, 400, "max_age"],
    [`/v1/events?bucket=${bucket.id}&output=nowhere`, 404, 'has no output "nowhere"'],
    [`/v1/events?bucket=${bucket.id}&output=each`, 412, "delivers to each agent"],
    ["/v1/events?bucket=none", 404, "There is no bucket"],
  ] as const) {
    const answer = await api.call(admin, "GET", url);
    expect([url, answer.status, answer.text.includes(words)]).toEqual([url, status, true]);
  }
  expect((await pull(bucket.id, "&cursor=whatever&limit=1")).json).toEqual({
    logs: [],
    has_more: false,
    next_cursor: "whatever",
  });
});

it("threat: a token pulls and re-sends in its own buckets only, and learns of no other", async () => {
  const [mine, theirs] = [await newBucket(), await newBucket()];
  const limited = await api.token({ scopeBuckets: [mine.id] });
  const agent = await api.token({ apiAccess: false });
  const { id } = await write(theirs.id, { body: Buffer.from("their secret") });
  const job = (await api.call(admin, "POST", "/v1/resends", { bucket: theirs.id, status: ["received"] })).json;
  for (const [method, url, body] of [
    ["GET", `/v1/events?bucket=${theirs.id}`],
    ["GET", `/v1/events?bucket=${encodeURIComponent(theirs.name)}`],
    ["POST", "/v1/resends", { bucket: theirs.id }],
    ["POST", "/v1/resends", { bucket: theirs.name, dry_run: true }],
    ["GET", `/v1/resends/${job.id}`],
    ["DELETE", `/v1/resends/${job.id}`],
    ["GET", `/v1/resends?bucket=${theirs.id}`],
  ] as const) {
    expect([url, (await api.call(limited, method, url, body)).status]).toEqual([url, 404]);
    expect([url, (await api.call(agent, method, url, body)).status]).toEqual([url, 403]);
    expect([url, (await api.call(undefined, method, url, body)).status]).toEqual([url, 401]);
  }
  expect((await api.call(limited, "GET", "/v1/resends")).json).toEqual({ data: [] });
  expect((await api.call(admin, "GET", `/v1/logs/${id}`)).json.status).toBe("received");
  // Into another bucket's output neither.
  const output = await api.call(admin, "POST", `/v1/buckets/${theirs.id}/outputs`, {
    name: "o",
    destination: "http://x",
  });
  const crossing = { bucket: mine.id, to_output: output.json.id };
  expect((await api.call(limited, "POST", "/v1/resends", crossing)).status).toBe(404);
});
