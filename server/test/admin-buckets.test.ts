import { afterAll, beforeAll, expect, it } from "vitest";
import { compareSecret } from "../src/auth/secret-hash.js";
import { bootAdmin, type Credentials, writeWebhook } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api.close());

it("creates a bucket with its default input and its first data key, and announces it", async () => {
  const made = await api.call(admin, "POST", "/v1/buckets", { name: "first" });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({
    name: "first",
    description: "",
    auth: { type: "none" },
    stream: true,
    ephemeral: false,
    inputs: [{ name: "Default public endpoint", status_code: 0, headers: {}, body: "" }],
    outputs: [],
  });
  expect(made.json.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-/);
  expect(made.json.inputs[0].url).toBe(`http://relay.test/v1/webhooks/${made.json.inputs[0].id}`);
  expect(Number.isInteger(made.json.created_at)).toBe(true);
  const keys = await api.pool.query("SELECT version FROM bucket_keys WHERE bucket_id = $1", [made.json.id]);
  expect(keys.rows).toEqual([{ version: 1 }]);
  expect(api.published).toContainEqual({ topic: "catalog", subjects: [made.json.id] });
  for (const reference of [made.json.id, "first"]) {
    const read = await api.call(admin, "GET", `/v1/buckets/${reference}`);
    expect([read.status, read.json]).toEqual([200, made.json]);
  }
  expect((await api.call(admin, "GET", "/v1/buckets")).json).toContainEqual(made.json);
});

it("answers 412 to a taken name, 404 to an unknown bucket, and writes nothing", async () => {
  await api.call(admin, "POST", "/v1/buckets", { name: "taken" });
  const other = await api.call(admin, "POST", "/v1/buckets", { name: "other" });
  const count = async () => (await api.pool.query("SELECT count(*)::int AS n FROM bucket_keys")).rows[0].n;
  const before = await count();
  const again = await api.call(admin, "POST", "/v1/buckets", { name: "taken" });
  expect([again.status, again.headers["content-type"]]).toEqual([412, "text/plain; charset=utf-8"]);
  expect(again.text).toContain("exists already");
  expect(await count()).toBe(before);
  expect((await api.call(admin, "PUT", `/v1/buckets/${other.json.id}`, { name: "taken" })).status).toBe(412);
  for (const method of ["GET", "PUT", "DELETE"] as const) {
    const body = method === "PUT" ? { name: "x" } : undefined;
    expect((await api.call(admin, method, "/v1/buckets/none", body)).status).toBe(404);
  }
});

it("replaces everything when a name is sent, merges when none is", async () => {
  const { json } = await api.call(admin, "POST", "/v1/buckets", {
    name: "put",
    description: "d",
    large_webhooks: true,
  });
  const merged = await api.call(admin, "PUT", `/v1/buckets/${json.id}`, { description: "e" });
  expect(merged.json).toMatchObject({ name: "put", description: "e", stream: true, large_webhooks: true });
  const replaced = await api.call(admin, "PUT", "/v1/buckets/put", { name: "put2", ephemeral: true });
  expect(replaced.json).toMatchObject({
    id: json.id,
    name: "put2",
    description: "",
    stream: false,
    ephemeral: true,
    large_webhooks: false,
  });
  expect(replaced.json.inputs).toEqual(json.inputs);
});

it("loses no field when two merges meet", async () => {
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: "race" });
  const answers = await Promise.all([
    api.call(admin, "PUT", `/v1/buckets/${json.id}`, { description: "from one" }),
    api.call(admin, "PUT", `/v1/buckets/${json.id}`, { large_webhooks: true }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await api.call(admin, "GET", "/v1/buckets/race")).json).toMatchObject({
    description: "from one",
    large_webhooks: true,
  });
});

it("creates 50 buckets at once", async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => api.call(admin, "POST", "/v1/buckets", { name: `many ${i}` })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
});

it("deletes a bucket with content by force only, and with it deliveries and data keys", async () => {
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: "gone" });
  await writeWebhook(api, { bucketId: json.id, outputId: json.inputs[0].id });
  const refused = await api.call(admin, "DELETE", `/v1/buckets/${json.id}`);
  expect(refused.status).toBe(412);
  expect(refused.text).toContain("force=true");
  const deleted = await api.call(admin, "DELETE", "/v1/buckets/gone?force=true");
  expect([deleted.status, deleted.json]).toEqual([200, { id: json.id, status: "deleted" }]);
  const left = await api.pool.query(
    "SELECT (SELECT count(*) FROM deliveries WHERE bucket_id = $1) + (SELECT count(*) FROM bucket_keys WHERE bucket_id = $1) AS n",
    [json.id],
  );
  expect(left.rows[0].n).toBe("0");
  expect(api.keyring.has(json.id)).toBe(false);
});

it("deletes an empty bucket without force", async () => {
  const { json } = await api.call(admin, "POST", "/v1/buckets", { name: "empty" });
  await api.call(admin, "DELETE", `/v1/buckets/${json.id}/inputs/${json.inputs[0].id}`);
  expect((await api.call(admin, "DELETE", `/v1/buckets/${json.id}`)).status).toBe(200);
});

it("threat: reading back a bucket's password; it is a bcrypt hash and never returned, also not in errors", async () => {
  const auth = { type: "basic", username: "u", password: "pass-9f2c" };
  const made = await api.call(admin, "POST", "/v1/buckets", { name: "locked", auth });
  expect(made.json.auth).toEqual({ type: "basic", username: "u" });
  expect(made.text).not.toContain("pass-9f2c");
  const hash = async () =>
    (await api.pool.query("SELECT auth_hash FROM buckets WHERE name = 'locked'")).rows[0].auth_hash;
  const first = await hash();
  expect(await compareSecret("pass-9f2c", first)).toBe(true);
  const long = "pass-9f2c".repeat(9);
  const refused = await api.call(admin, "PUT", "/v1/buckets/locked", { auth: { ...auth, password: long } });
  expect(refused.status).toBe(400);
  expect(refused.text).toBe("auth.password: must be at most 72 bytes in UTF-8, it has 81");
  const broken = await api.call(admin, "PUT", "/v1/buckets/locked", '{"auth":{"password":"pass-9f2c" "x"}}');
  expect(broken.status).toBe(400);
  expect(broken.text).not.toContain("pass-9f2c");
  expect(api.logged.join("")).not.toContain("pass-9f2c");

  // The same type without a password keeps it; a client that writes empty strings means the same.
  await api.call(admin, "PUT", "/v1/buckets/locked", {
    name: "locked",
    auth: { type: "basic", username: "v", password: "" },
  });
  expect(await hash()).toBe(first);
  // Opening a bucket takes an explicit word.
  expect((await api.call(admin, "PUT", "/v1/buckets/locked", { name: "locked" })).json.auth.type).toBe("basic");
  expect((await api.call(admin, "PUT", "/v1/buckets/locked", { auth: { type: "token" } })).text).toContain(
    "auth.token: is required",
  );
  expect((await api.call(admin, "PUT", "/v1/buckets/locked", { auth: { type: "none" } })).json.auth.type).toBe("none");
  expect(await hash()).toBe("");
});

it.each([
  [{}, "name: is required"],
  [{ name: "" }, "name: must not be empty"],
  [{ name: 5 }, 'name: must be a string, not a number; for example "github"'],
  [{ name: "n".repeat(201) }, "name: must have at most 200 characters, it has 201"],
  [{ name: "11111111-1111-4111-8111-111111111111" }, "name: must not look like an id"],
  [{ name: "a\nb" }, "name: must not contain control characters"],
  [{ name: "x", stream: "yes" }, "stream: must be a boolean, not a string"],
  [{ name: "x", static_ip: true }, "static_ip: is not supported by this server version"],
  [{ name: "x", auth: { type: "oauth" } }, 'auth.type: must be one of "none", "basic", "token"'],
  [{ name: "x", auth: { type: "basic", password: "p" } }, "auth.username: is required"],
  [{ name: "x", auth: { type: "basic", username: "a:b", password: "p" } }, "auth.username: must not contain a colon"],
  ["[]", "must be a JSON object"],
  ["{", "not valid JSON"],
  [undefined, "must be a JSON object"],
])("answers 400 to %j: %s", async (body, text) => {
  const answer = await api.call(admin, "POST", "/v1/buckets", body);
  expect([answer.status, answer.headers["content-type"]]).toEqual([400, "text/plain; charset=utf-8"]);
  expect(answer.text).toContain(text);
});

it("reports all problems at once, a line each", async () => {
  const answer = await api.call(admin, "POST", "/v1/buckets", { name: 1, stream: 2, description: 3 });
  expect(answer.text.split("\n")).toHaveLength(3);
});

it.each(["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8", "nonsense"])(
  "parses JSON under the content type %j; nulls, read-only and unknown fields are ignored",
  async (type) => {
    const body = {
      name: `under ${type || "none"}`,
      id: "x",
      created_at: "0001-01-01",
      description: null,
      surprise: { a: 1 },
    };
    const answer = await api.call(admin, "POST", "/v1/buckets", body, type === "" ? {} : { "content-type": type });
    expect(answer.status).toBe(201);
    expect(answer.json.name).toBe(body.name);
  },
);

it("answers 413 to a body above 1 MB", async () => {
  const answer = await api.call(admin, "POST", "/v1/buckets", { name: "x", description: "y".repeat(1024 * 1024) });
  expect([answer.status, answer.headers["content-type"]]).toEqual([413, "text/plain; charset=utf-8"]);
});
