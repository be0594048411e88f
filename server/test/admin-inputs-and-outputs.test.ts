import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials, writeWebhook } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;
let bucket: string;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
  bucket = (await api.call(admin, "POST", "/v1/buckets", { name: "b" })).json.id;
});
afterAll(() => api.close());

it("creates, replaces, merges and deletes an input", async () => {
  const fields = { name: "in", description: "d", status_code: 202, headers: { "X-A": ["1", "2"] }, body: "thanks" };
  const made = await api.call(admin, "POST", `/v1/buckets/${bucket}/inputs`, fields);
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({ ...fields, bucket_id: bucket });
  expect(api.catalog.input(made.json.id)?.input.statusCode).toBe(202);
  const path = `/v1/buckets/${bucket}/inputs/${made.json.id}`;
  expect((await api.call(admin, "PUT", path, { body: "ok" })).json).toMatchObject({ ...fields, body: "ok" });
  const replaced = await api.call(admin, "PUT", "/v1/buckets/b/inputs/in", { name: "in2" });
  expect([replaced.status, replaced.json]).toMatchObject([
    200,
    { id: made.json.id, name: "in2", description: "", status_code: 0, headers: {}, body: "" },
  ]);
  expect((await api.call(admin, "PUT", path, { name: "Default public endpoint" })).status).toBe(412);
  expect((await api.call(admin, "POST", `/v1/buckets/${bucket}/inputs`, { name: "in2" })).status).toBe(412);
  const deleted = await api.call(admin, "DELETE", path);
  expect([deleted.status, deleted.json]).toEqual([200, { id: made.json.id, status: "deleted" }]);
  expect(api.catalog.input(made.json.id)).toBeUndefined();
  expect((await api.call(admin, "DELETE", path)).status).toBe(404);
  expect((await api.call(admin, "PUT", path, { name: "x" })).status).toBe(404);
  expect((await api.call(admin, "POST", "/v1/buckets/none/inputs", { name: "x" })).status).toBe(404);
});

it.each([
  [{}, "name: is required"],
  [{ name: "x", status_code: 99 }, "status_code: must be 0 (the default, answers as 200) or from 200 to 599"],
  [{ name: "x", status_code: 200.5 }, "status_code: must be an integer, not a number"],
  [{ name: "x", body: "é".repeat(32_769) }, "body: must have at most 65536 bytes, it has 65538"],
  [{ name: "x", headers: { "X-A": "1" } }, 'headers: X-A must be an array of texts, for example ["value"]'],
  [{ name: "x", headers: { "X A": ["1"] } }, 'headers: has "X A", which is no header name'],
  [{ name: "x", headers: { "Content-Length": ["1"] } }, "headers: must not set Content-Length"],
  [{ name: "x", response_timeout: 61 }, "response_timeout: must be"],
  [{ name: "x", custom_domain: "a.example" }, "custom_domain: is not supported"],
])("answers 400 to the input %j: %s", async (body, text) => {
  const answer = await api.call(admin, "POST", `/v1/buckets/${bucket}/inputs`, body);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain(text);
});

it("threat: splitting the response by a header value with a line break", async () => {
  for (const value of ["a\r\nSet-Cookie: x", "a\nb", "a\0b", "\u2028"]) {
    const body = { name: "split", headers: { "X-A": [value] } };
    const answer = await api.call(admin, "POST", `/v1/buckets/${bucket}/inputs`, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("must not contain line breaks");
  }
});

it("creates, replaces, merges and deletes an output", async () => {
  const fields = {
    name: "out",
    description: "d",
    destination: "http://localhost:3000/hooks?x=1",
    disabled: true,
    lock_path: true,
    headers: { "X-Env": ["staging"] },
    timeout: 30,
    tls_verification: true,
    agents: "each",
  };
  const made = await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, fields);
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({ ...fields, bucket_id: bucket, internal: true, rules: null, retries: 0 });
  const path = `/v1/buckets/${bucket}/outputs/${made.json.id}`;
  expect((await api.call(admin, "PUT", path, { disabled: false })).json).toMatchObject({ ...fields, disabled: false });
  const replaced = await api.call(admin, "PUT", "/v1/buckets/b/outputs/out", { name: "out", internal: true });
  expect(replaced.json).toMatchObject({
    name: "out",
    description: "",
    destination: fields.destination,
    disabled: false,
    lock_path: false,
    headers: {},
    timeout: 0,
    tls_verification: false,
    agents: "each",
  });
  expect((await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, fields)).status).toBe(412);
  expect((await api.call(admin, "DELETE", path)).json).toEqual({ id: made.json.id, status: "deleted" });
  expect((await api.call(admin, "DELETE", path)).status).toBe(404);
});

it("ends what waits for a deleted output as stalled, and leaves other outputs alone", async () => {
  const outputs = [];
  for (const name of ["doomed", "kept"]) {
    const made = await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, { name, destination: "http://x" });
    outputs.push(made.json.id);
    await writeWebhook(api, { bucketId: bucket, outputId: made.json.id });
  }
  await api.call(admin, "DELETE", `/v1/buckets/${bucket}/outputs/${outputs[0]}`);
  const { rows } = await api.pool.query(
    `SELECT output_id, 'waiting' AS state FROM deliveries UNION ALL SELECT output_id, status::text FROM outcomes ORDER BY state`,
  );
  expect(rows).toEqual([
    { output_id: outputs[0], state: "3" },
    { output_id: outputs[1], state: "waiting" },
  ]);
});

it.each([
  [{ name: "x" }, 'destination: is required; for example "http://localhost:3000/hooks"'],
  [{ name: "x", destination: "localhost:3000" }, "destination: must be an absolute http or https URL"],
  [{ name: "x", destination: "ftp://x/" }, "destination: must be an absolute http or https URL"],
  [{ name: "x", destination: "http://a\n.example" }, "destination: must not contain white space"],
  [{ name: "x", destination: "http://x", timeout: 181 }, "timeout: must be at most 180"],
  [
    { name: "x", destination: "http://x", internal: false },
    "destination: x is a name of this network only: a server calls public addresses only, unless PUBLIC_DESTINATION_ALLOW",
  ],
  [{ name: "x", destination: "https://[::ffff:a9fe:a9fe]/", internal: false }, "where clouds keep their metadata"],
  [
    { name: "x", destination: "https://example.com/{{ webhook.ids }}", internal: false },
    'destination: has {{ "webhook.ids" }}, which means nothing: did you mean webhook.id?',
  ],
  [
    { name: "x", destination: "https://{{webhook.query.host}}.example.com/", internal: false },
    "destination: must not have {{ }} in its scheme, host or port",
  ],
  [
    { name: "x", destination: "https://example.com/", internal: false, headers: { Host: ["{{webhook.id}}"] } },
    "headers.Host: must not have {{ }}",
  ],
  [
    { name: "x", destination: "https://example.com/", tls: { client_key: "secret text" } },
    "tls.client_key: must be a private key in PEM, without a passphrase",
  ],
  [
    { name: "x", destination: "https://example.com/", signing: { type: "standard-webhooks", secret: "short" } },
    "signing.secret: must be whsec_ and the base64 of 24 to 64 random bytes",
  ],
  [
    { name: "x", destination: "https://example.com/", authentication: { type: "bearer" } },
    'authentication.token: is required when type is "bearer"',
  ],
  [{ name: "x", destination: "http://x", retries: 3 }, "retries: must be one of 0, -1"],
  [{ name: "x", destination: "http://x", durability: { schedule: "weekly" } }, "durability.schedule: must be one of"],
  [{ name: "x", destination: "http://x", throttle: { rate: -1 } }, "throttle.rate: must be at least 0"],
  [{ name: "x", destination: "http://x", retry: { schedule: "custom" } }, "retry.delays: is required"],
  [{ name: "x", destination: "http://x", retry: { schedule: "long", delays: ["5s"] } }, "retry.delays: means nothing"],
  [{ name: "x", destination: "http://x", retry: { deadline: "soon" } }, "retry.deadline: must be a duration"],
  [{ name: "x", destination: "http://x", order: { by: "header" } }, "order.name: is required"],
  [{ name: "x", destination: "http://x", rules: { match: {} } }, "rules.match.type: is required; one of value"],
  [{ name: "x", destination: "http://x", agents: "all" }, 'agents: must be one of "one", "each"'],
])("answers 400 to the output %j: %s", async (body, text) => {
  const answer = await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, body);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain(text);
});

it("threat: credentials in a destination, where lists and logs would show them; the refusal does not repeat them", async () => {
  const body = { name: "x", destination: "http://user:hunter2@x/" };
  const answer = await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, body);
  expect([answer.status, answer.text.includes("hunter2")]).toEqual([400, false]);
  expect(answer.text).toContain("set them by headers");
});

it("accepts the defaults that existing clients send for what this version does not have", async () => {
  const body = {
    name: "defaults",
    destination: "http://x",
    internal: true,
    function_id: "",
    response_function_id: "",
    retries: 0,
    rules: null,
    durability: { enabled: false },
    throttle: null,
  };
  expect((await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, body)).status).toBe(201);
});

it("takes durability and throttle as classic clients write them, and shows them so", async () => {
  const written = {
    name: "durable",
    destination: "http://x",
    internal: true,
    durability: { enabled: true, schedule: "custom", custom_delays: [1_000_000_000, 60_000_000_000], deadline: 3.6e12 },
    throttle: { enabled: true, mode: "rate", rate: 10, interval: "minute" },
  };
  const made = await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, written);
  expect(made.json).toMatchObject({
    ...written,
    retry: { schedule: "custom", delays: ["1000ms", "60000ms"], deadline: "3600000ms" },
  });
  const path = `/v1/buckets/${bucket}/outputs/${made.json.id}`;
  const off = { ...written, durability: { enabled: false }, throttle: { ...written.throttle, enabled: false } };
  const after = (await api.call(admin, "PUT", path, off)).json;
  expect(after.durability).toBeUndefined();
  expect(after).toMatchObject({ throttle: { enabled: false, rate: 0 }, retry: { schedule: "default" } });
  expect((await api.call(admin, "PUT", path, { ...written, durability: null, retries: -1 })).json).toMatchObject({
    retries: -1,
    retry: { schedule: "none" },
  });
});

it("keeps how a public destination is called, and shows nothing of its secrets", async () => {
  const body = {
    name: "public",
    destination: "https://example.com/hooks/{{ webhook.query.event }}",
    internal: false,
    tls_verification: true,
    tls: { server_name: "hooks.example.com" },
    authentication: { type: "basic", username: "relay", password: "hunter2" },
    signing: { type: "standard-webhooks", secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` },
    timeouts: { connect: 3 },
  };
  const made = await api.call(admin, "POST", `/v1/buckets/${bucket}/outputs`, body);
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    internal: false,
    destination: body.destination,
    tls: { server_name: "hooks.example.com" },
    authentication: { type: "basic", username: "relay" },
    signing: { type: "standard-webhooks" },
    timeouts: { connect: 3 },
  });
  for (const secret of ["hunter2", body.signing.secret]) expect(made.text).not.toContain(secret);
  // What is not given again stays; a client that does not know `internal` makes it an agent's.
  const path = `/v1/buckets/${bucket}/outputs/${made.json.id}`;
  const { password: _, ...username } = body.authentication;
  const kept = await api.call(admin, "PUT", path, {
    ...body,
    authentication: username,
    signing: { type: "standard-webhooks" },
  });
  expect([kept.status, kept.json.internal]).toEqual([200, false]);
  const classic = await api.call(admin, "PUT", path, { name: "public", destination: "https://example.com/" });
  expect([classic.status, classic.json.internal, classic.json.tls]).toEqual([200, true, null]);
});
