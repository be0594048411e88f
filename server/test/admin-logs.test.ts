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

async function newBucket(): Promise<{ id: string; name: string; output: string; input: string }> {
  nextBucket += 1;
  const name = `logs ${nextBucket}`;
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name });
  const output = await api.call(admin, "POST", `/v1/buckets/${json.id}/outputs`, {
    name: "o",
    destination: "http://x",
  });
  return { id: json.id, name, output: output.json.id, input: json.inputs[0].id };
}

it("opens a webhook and the destination's answer", async () => {
  const bucket = await newBucket();
  const { id } = await writeWebhook(api, {
    bucketId: bucket.id,
    inputId: bucket.input,
    outputId: bucket.output,
    path: "/a%20b",
    query: "x=1&x",
    headers: ["X-Two", "1", "Content-Type", "text/plain", "x-two", "2", "__proto__", "p"],
    body: Buffer.from("h\u00e9llo"),
    outcome: { status: 2, statusCode: 503, error: "it was busy", body: "no\0", attempt: 3 },
  });
  const { status, json } = await api.call(admin, "GET", `/v1/logs/${id}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    id,
    bucket_id: bucket.id,
    input_id: bucket.input,
    output_id: bucket.output,
    method: "POST",
    raw_query: "x=1&x",
    extra_path: "/a%20b",
    body: "h\u00e9llo",
    ip_address: "192.0.2.1",
    status: "failed",
    status_code: 503,
    error: "it was busy",
    retries: 2,
    attempt: 3,
    duration_ms: 5,
    ephemeral: false,
    internal: true,
    response_headers: { "X-Answer": ["1"] },
  });
  expect(Object.entries(json.headers)).toEqual([
    ["X-Two", ["1", "2"]],
    ["Content-Type", ["text/plain"]],
    ["__proto__", ["p"]],
  ]);
  expect(Buffer.from(json.response_body, "base64").toString()).toBe("no\0");
  expect(json).not.toHaveProperty("body_base64");
  expect(Number.isInteger(json.created_at)).toBe(true);
  expect(Number.isInteger(json.updated_at)).toBe(true);
  expect((await api.call(admin, "GET", `/v1/buckets/${bucket.id}/logs/${id}`)).json).toEqual(json);
  const other = await newBucket();
  expect((await api.call(admin, "GET", `/v1/buckets/${other.id}/logs/${id}`)).status).toBe(404);
});

it("gives bytes that are no text exactly", async () => {
  const bucket = await newBucket();
  const body = Buffer.from([0xff, 0, 0xfe]);
  const { id } = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, body });
  const { json } = await api.call(admin, "GET", `/v1/logs/${id}`);
  expect(Buffer.from(json.body_base64, "base64")).toEqual(body);
});

it("shows an ephemeral webhook without its data, and a webhook that retention took without failing", async () => {
  const bucket = await newBucket();
  const ephemeral = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, ephemeral: true });
  expect((await api.call(admin, "GET", `/v1/logs/${ephemeral.id}`)).json).toMatchObject({
    ephemeral: true,
    body: "",
    headers: {},
    method: "",
    status: "received",
  });
  const dropped = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 1 } });
  await api.pool.query("DELETE FROM webhooks WHERE id = $1", [dropped.webhookId]);
  expect((await api.call(admin, "GET", `/v1/logs/${dropped.id}`)).json).toMatchObject({ body: "", status: "sent" });
});

it("threat: a sealed value moved to another row; it does not open, is said so, and does not break the list", async () => {
  const bucket = await newBucket();
  const first = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, body: Buffer.from("first") });
  const second = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, body: Buffer.from("second") });
  await api.pool.query("UPDATE webhooks SET sealed = (SELECT sealed FROM webhooks WHERE id = $1) WHERE id = $2", [
    first.webhookId,
    second.webhookId,
  ]);
  const { json } = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}`);
  expect(json.data.map(({ body, error }: { body: string; error: string }) => [body, error !== ""])).toEqual([
    ["", true],
    ["first", false],
  ]);
});

it("pages newest first and steadily while webhooks arrive and deliveries finish", async () => {
  const bucket = await newBucket();
  const ids: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    const outcome = i % 2 === 0 ? { outcome: { status: 1 } } : {};
    ids.unshift((await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, ...outcome })).id);
  }
  const seen: string[] = [];
  let cursor = "";
  do {
    const { json } = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.name}&limit=3&cursor=${cursor}`);
    expect(json.data.length).toBeLessThanOrEqual(3);
    seen.push(...json.data.map(({ id }: { id: string }) => id));
    cursor = json.next_cursor ?? "";
    await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output });
    await api.call(admin, "PUT", `/v1/logs/${ids[5]}`, { status_code: 200 });
  } while (cursor !== "");
  expect(seen).toEqual(ids);

  const { json } = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}&limit=2&offset=3`);
  expect(json).toMatchObject({ limit: 2, offset: 3, total: 10 });
  expect(json.data.map(({ id }: { id: string }) => id)).toEqual([ids[0], ids[1]]);
  expect(json).not.toHaveProperty("truncated");
  const last = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}&limit=2&offset=8`);
  expect(last.json).not.toHaveProperty("next_cursor");
});

it("filters by status, day and time; a bare day in `to` is inclusive", async () => {
  const bucket = await newBucket();
  const at = (text: string) => Date.parse(text);
  const day = new Date().toISOString().slice(0, 10);
  const before = new Date(at(day) - 86_400_000).toISOString().slice(0, 10);
  const base = { bucketId: bucket.id, outputId: bucket.output };
  const waiting = await writeWebhook(api, { ...base, receivedAt: at(`${before}T23:00:00Z`) });
  const sent = await writeWebhook(api, { ...base, receivedAt: at(`${day}T00:00:00Z`), outcome: { status: 1 } });
  const stored = await writeWebhook(api, {
    ...base,
    outputId: null,
    receivedAt: at(`${day}T01:00:00Z`),
    outcome: { status: 4 },
  });
  const held = await writeWebhook(api, { ...base, receivedAt: at(`${day}T02:00:00Z`) });
  await api.pool.query("UPDATE deliveries SET holder = 1 WHERE id = $1", [held.id]);
  const list = async (query: string) =>
    (await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}&${query}`)).json.data.map(
      ({ id }: { id: string }) => id,
    );
  expect(await list("status=sent")).toEqual([sent.id]);
  expect(await list("status=received")).toEqual([stored.id, waiting.id]);
  expect(await list("status=preparing")).toEqual([held.id]);
  expect(await list("status=stalled")).toEqual([]);
  expect(await list(`from=${day}`)).toEqual([held.id, stored.id, sent.id]);
  expect(await list(`to=${before}`)).toEqual([waiting.id]);
  expect(await list(`from=${before}&to=${day}`)).toHaveLength(4);
  expect(await list(`from=${day}T00:00:00Z&to=${day}T01:00:00%2B00:00`)).toEqual([stored.id, sent.id]);
});

it("lists every bucket the token may use when none is named", async () => {
  const bucket = await newBucket();
  const { id } = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output });
  const { json } = await api.call(admin, "GET", "/v1/logs?limit=500");
  expect(json.data.map((log: { id: string }) => log.id)).toContain(id);
  expect(new Set(json.data.map((log: { bucket_id: string }) => log.bucket_id)).size).toBeGreaterThan(1);
});

it("leaves out bodies when asked to, and those beyond 8 MB in sum", async () => {
  const bucket = await newBucket();
  for (let i = 0; i < 4; i += 1) {
    await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, body: Buffer.alloc(3 * 1024 * 1024, 97) });
  }
  const { json } = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}`);
  expect(json.data.map(({ body }: { body: string }) => body.length)).toEqual([3_145_728, 3_145_728, 0, 0]);
  expect(json.data.map((log: object) => "body_omitted" in log)).toEqual([false, false, true, true]);
  const without = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}&body=false`);
  expect(without.text.length).toBeLessThan(10_000);
  const one = await api.call(admin, "GET", `/v1/logs/${json.data[3].id}`);
  expect(one.json.body).toHaveLength(3_145_728);
});

it("counts exactly up to 10,000 and says when there are more", async () => {
  const bucket = await newBucket();
  await api.pool.query(
    "INSERT INTO deliveries (id, webhook_id, bucket_id, output_id) SELECT gen_random_uuid(), gen_random_uuid(), $1, $2 FROM generate_series(1, 10000)",
    [bucket.id, bucket.output],
  );
  const exact = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}&limit=1`);
  expect([exact.json.total, exact.json.truncated]).toEqual([10_000, undefined]);
  await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 1 } });
  const more = await api.call(admin, "GET", `/v1/logs?bucket=${bucket.id}&limit=1`);
  expect([more.json.total, more.json.truncated]).toEqual([10_000, true]);
});

it.each([
  ["limit=0", "limit: must be a whole number from 1 to 500"],
  ["limit=x", "limit: must be a whole number"],
  ["offset=10001", "offset: must be a whole number from 0 to 10000"],
  ["from=yesterday", "from: is not a day or a time"],
  ["to=2026-02-30", "to: is not a day or a time"],
  ["status=lost", "status: must be one of preparing, sent"],
  ["cursor=abc", "cursor: is none of this server"],
])("answers 400 to ?%s", async (query, text) => {
  const answer = await api.call(admin, "GET", `/v1/logs?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain(text);
});

it("answers 404 to unknown logs and buckets", async () => {
  const id = "019aaaaa-0000-7000-8000-000000000000";
  expect((await api.call(admin, "GET", "/v1/logs?bucket=none")).status).toBe(404);
  for (const reference of [id, "nonsense", id.toUpperCase()]) {
    expect((await api.call(admin, "GET", `/v1/logs/${reference}`)).status).toBe(404);
    expect((await api.call(admin, "PUT", `/v1/logs/${reference}`, { status_code: 200 })).status).toBe(404);
    expect((await api.call(admin, "POST", `/v1/logs/${reference}/action`, { action: "resend" })).status).toBe(404);
  }
});

it("takes the report of a classic client for an unfinished delivery, and seals the answer", async () => {
  const bucket = await newBucket();
  const agent = await api.token({ apiAccess: false });
  const { id } = await writeWebhook(api, {
    bucketId: bucket.id,
    outputId: bucket.output,
    receivedAt: Date.now() - 60_000,
  });
  const report = {
    id,
    status_code: 201,
    response_body: Buffer.from("banana").toString("base64"),
    response_headers: { "X-Fruit": ["yes"], "Content-Length": ["6"] },
    retries: 2,
  };
  const answer = await api.call(agent, "PUT", `/v1/logs/${id}`, report);
  expect([answer.status, answer.text]).toEqual([200, ""]);
  const { json } = await api.call(admin, "GET", `/v1/logs/${id}`);
  expect(json).toMatchObject({
    status: "sent",
    status_code: 201,
    retries: 2,
    response_headers: report.response_headers,
  });
  expect(json.response_body).toBe(report.response_body);
  const { rows } = await api.pool.query("SELECT response FROM outcomes WHERE id = $1", [id]);
  expect(rows[0].response.includes("banana")).toBe(false);
  expect((await api.pool.query("SELECT 1 FROM deliveries WHERE id = $1", [id])).rowCount).toBe(0);
});

it.each([
  [200, "sent"],
  [299, "sent"],
  [302, "failed"],
  [304, "failed"],
  [404, "failed"],
])("takes a reported %i without a status for %s", async (status_code, status) => {
  const bucket = await newBucket();
  const { id } = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output });
  expect((await api.call(admin, "PUT", `/v1/logs/${id}`, { status_code })).status).toBe(200);
  expect((await api.call(admin, "GET", `/v1/logs/${id}`)).json.status).toBe(status);
});

it("corrects a finished delivery within 10 seconds of receipt only", async () => {
  const bucket = await newBucket();
  const base = { bucketId: bucket.id, outputId: bucket.output, outcome: { status: 1 } };
  const fresh = await writeWebhook(api, base);
  const old = await writeWebhook(api, { ...base, receivedAt: Date.now() - 11_000 });
  expect((await api.call(admin, "PUT", `/v1/logs/${fresh.id}`, { status_code: 500 })).status).toBe(200);
  expect((await api.call(admin, "GET", `/v1/logs/${fresh.id}`)).json.status).toBe("failed");
  const late = await api.call(admin, "PUT", `/v1/logs/${old.id}`, { status_code: 500 });
  expect([late.status, late.text.includes("within 10 seconds")]).toEqual([400, true]);
  expect((await api.call(admin, "GET", `/v1/logs/${old.id}`)).json.status).toBe("sent");
  expect((await api.call(admin, "PUT", `/v1/logs/${fresh.id}`, { response_body: "!" })).status).toBe(400);
});

it("writes nothing of the answer in an ephemeral bucket", async () => {
  const bucket = await newBucket();
  await api.call(admin, "PUT", `/v1/buckets/${bucket.id}`, { ephemeral: true });
  const { id } = await writeWebhook(api, { bucketId: bucket.id, outputId: bucket.output, ephemeral: true });
  await api.call(admin, "PUT", `/v1/logs/${id}`, { status_code: 200, response_body: "YQ==" });
  const { rows } = await api.pool.query("SELECT status, response FROM outcomes WHERE id = $1", [id]);
  expect(rows).toEqual([{ status: 1, response: null }]);
});
