import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
  await api.call(admin, "POST", "/v1/buckets", { name: "b", default_input: false });
});
afterAll(() => api?.close());

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

it("creates, replaces, merges and deletes a cron of a bucket", async () => {
  const fields = {
    name: "nightly",
    description: "d",
    schedule: "30 2 * * *",
    timezone: "Europe/Berlin",
    recurring: true,
    starts_at: "",
    ends_at: "2099-01-01T00:00:00Z",
    start_within: 300,
    missed: "once",
    method: "PUT",
    path: "/a?b=c",
    headers: { "X-A": ["1", "2"] },
    payload: "{}",
  };
  const made = await api.call(admin, "POST", "/v1/buckets/b/crons", fields);
  expect([made.status, made.json]).toMatchObject([201, { ...fields, enabled: true, function_id: "", last_run: null }]);
  expect(made.json.next_run).toMatch(RFC_3339);
  expect(made.json.created_at).toMatch(RFC_3339);
  const path = `/v1/buckets/b/crons/${made.json.id}`;
  expect((await api.call(admin, "GET", "/v1/buckets/b/crons/nightly")).json).toEqual(made.json);
  expect((await api.call(admin, "GET", "/v1/buckets/b/crons")).json).toEqual([made.json]);
  expect((await api.call(admin, "GET", "/v1/buckets/b")).json.crons).toMatchObject([{ id: made.json.id }]);
  expect((await api.call(admin, "PUT", path, { payload: "x" })).json).toMatchObject({ ...fields, payload: "x" });
  const replaced = await api.call(admin, "PUT", path, { name: "hourly", schedule: "@hourly" });
  expect(replaced.json).toMatchObject({ name: "hourly", timezone: "UTC", missed: "skip", payload: "", headers: {} });
  expect(Date.parse(replaced.json.next_run) % 3_600_000).toBe(0);
  expect((await api.call(admin, "PUT", path, { enabled: false })).json.next_run).toBeNull();
  expect((await api.call(admin, "PUT", path, { enabled: true })).json.next_run).toBe(replaced.json.next_run);
  const second = await api.call(admin, "POST", "/v1/buckets/b/crons", { name: "hourly", schedule: "@hourly" });
  expect([second.status, second.text]).toEqual([412, expect.stringContaining("has a cron of this name already")]);
  const kept = await api.call(admin, "DELETE", "/v1/buckets/b");
  expect([kept.status, kept.text]).toEqual([412, expect.stringContaining("1 crons")]);
  expect((await api.call(admin, "DELETE", path)).json).toEqual({ id: made.json.id, status: "deleted" });
  expect((await api.call(admin, "GET", path)).status).toBe(404);
  const audit = await api.pool.query("SELECT action FROM audit WHERE resource = 'cron' ORDER BY id");
  expect(audit.rows.map(({ action }) => action)).toEqual(["create", "update", "update", "update", "update", "delete"]);
});

it.each([
  [{ name: "x" }, "schedule: is required"],
  [{ name: "x", schedule: "0 25 * * *" }, 'schedule: has the hour "25", which is none (0-23)'],
  [{ name: "x", schedule: "* * * * * *" }, "schedule: must have five fields"],
  [{ name: "x", schedule: "@daily", timezone: "Mars/X" }, 'timezone: names the time zone "Mars/X", which is none'],
  [{ name: "x", schedule: "@daily", starts_at: "tomorrow" }, "starts_at: must be a time with its offset (RFC 3339)"],
  [{ name: "x", schedule: "@daily", path: "a" }, "path: must begin with a slash"],
  [{ name: "x", schedule: "@daily", method: "BREW" }, "method: "],
  [{ name: "x", schedule: "@daily", missed: "all" }, "missed: "],
  [{ name: "x", schedule: "@daily", start_within: 0 }, "start_within: "],
  [{ name: "x", schedule: "@daily", headers: { "X-A": ["a\r\nb"] } }, "headers: X-A must not contain line breaks"],
  [{ name: "x", schedule: "@daily", payload: "é".repeat(32_769) }, "payload: must have at most 65536 bytes"],
  [{ name: "x", schedule: "@daily", function_id: "f" }, 'function: there is no function "f"'],
])("answers 400 to the cron %j: %s", async (body, text) => {
  const answer = await api.call(admin, "POST", "/v1/buckets/b/crons", body);
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(text)]);
});

it("classic: a cron without a bucket gets one with an output to its destination, and takes it along", async () => {
  const body = {
    name: "report",
    schedule: "@every 10m",
    destination: "http://localhost:3000/hooks",
    headers: { "X-One": "1", "X-Many": ["a", "b"] },
    method: "post",
    payload: "hello",
    starts_at: "0001-01-01T00:00:00Z",
  };
  const made = await api.call(admin, "POST", "/v1/crons", body);
  expect([made.status, made.json]).toMatchObject([
    201,
    {
      name: "report",
      schedule: "@every 10m",
      enabled: true,
      recurring: true,
      timezone: "UTC",
      method: "POST",
      payload: "hello",
      headers: { "X-One": ["1"], "X-Many": ["a", "b"] },
      destination: body.destination,
      starts_at: "",
      function_id: "",
      bucket: { name: "report", inputs: [], outputs: [{ name: "report", destination: body.destination }] },
    },
  ]);
  expect(made.json.bucket.cron_id).toBe(made.json.id);
  expect(made.json.next_run).toMatch(RFC_3339);
  const path = `/v1/crons/${made.json.id}`;
  expect((await api.call(admin, "GET", path)).json).toEqual(made.json);
  expect((await api.call(admin, "GET", "/v1/crons/report")).json.id).toBe(made.json.id);
  expect((await api.call(admin, "GET", "/v1/crons")).json).toEqual([made.json]);

  // What clients were given they send back.
  const same = await api.call(admin, "PUT", path, { ...made.json, payload: "bye" });
  expect([same.status, same.json.payload]).toEqual([200, "bye"]);
  const moved = await api.call(admin, "PUT", path, { destination: "http://localhost:4000/" });
  expect(moved.json).toMatchObject({ payload: "bye", destination: "http://localhost:4000/" });
  const elsewhere = await api.call(admin, "PUT", path, { bucket: "b" });
  expect([elsewhere.status, elsewhere.text]).toEqual([400, expect.stringContaining("a cron stays in its bucket")]);

  const deleted = await api.call(admin, "DELETE", path);
  expect([deleted.status, deleted.text]).toEqual([204, ""]);
  expect((await api.call(admin, "GET", "/v1/buckets/report")).status).toBe(404);
  expect((await api.call(admin, "GET", path)).status).toBe(404);
  expect((await api.call(admin, "POST", "/v1/crons", body)).status).toBe(201);
  // A bucket that people have put something into is theirs.
  await api.call(admin, "POST", "/v1/buckets/report/inputs", { name: "in" });
  expect((await api.call(admin, "DELETE", "/v1/crons/report")).status).toBe(204);
  expect((await api.call(admin, "GET", "/v1/buckets/report")).json).toMatchObject({ crons: [], cron_id: "" });
});

it("classic: a cron that names a bucket sends into that one, and leaves it when it goes", async () => {
  const made = await api.call(admin, "POST", "/v1/crons", { name: "c", schedule: "@daily", bucket: "b" });
  expect([made.status, made.json.destination, made.json.bucket]).toEqual([201, "", undefined]);
  const path = `/v1/crons/${made.json.id}`;
  for (const [method, url] of [
    ["POST", "/v1/crons"],
    ["PUT", path],
  ] as const) {
    const body = { name: "d", schedule: "@daily", bucket: "b", destination: "http://localhost/" };
    const refused = await api.call(admin, method, url, body);
    expect([refused.status, refused.text]).toEqual([
      400,
      expect.stringContaining("destination: belongs to a cron with"),
    ]);
  }
  const missing = await api.call(admin, "POST", "/v1/crons", { name: "d", schedule: "@daily" });
  expect([missing.status, missing.text]).toEqual([400, expect.stringContaining("destination: is required")]);
  expect((await api.call(admin, "DELETE", path)).status).toBe(204);
  expect((await api.call(admin, "GET", "/v1/buckets/b")).status).toBe(200);
});

it("threat: a token of one bucket that sees, changes or makes crons of another", async () => {
  await api.call(admin, "POST", "/v1/buckets", { name: "mine", default_input: false });
  const { id } = (await api.call(admin, "POST", "/v1/buckets/b/crons", { name: "theirs", schedule: "@daily" })).json;
  const limited = await api.token({ scopeBuckets: ["mine"] });
  const own = await api.call(limited, "POST", "/v1/crons", { name: "own", schedule: "@daily", bucket: "mine" });
  expect(own.status).toBe(201);
  expect((await api.call(limited, "GET", "/v1/crons")).json).toEqual([own.json]);
  for (const method of ["GET", "PUT", "DELETE"] as const) {
    expect((await api.call(limited, method, `/v1/crons/${id}`, method === "PUT" ? {} : undefined)).status).toBe(404);
    expect((await api.call(limited, method, "/v1/crons/theirs", method === "PUT" ? {} : undefined)).status).toBe(404);
    const path = `/v1/buckets/b/crons/${id}`;
    expect((await api.call(limited, method, path, method === "PUT" ? {} : undefined)).status).toBe(404);
  }
  const fields = { name: "x", schedule: "@daily" };
  expect((await api.call(limited, "POST", "/v1/buckets/b/crons", fields)).status).toBe(404);
  expect((await api.call(limited, "POST", "/v1/crons", { ...fields, bucket: "b" })).status).toBe(404);
  const bucket = { ...fields, destination: "http://localhost/" };
  expect((await api.call(limited, "POST", "/v1/crons", bucket)).status).toBe(403);
  expect((await api.call(admin, "GET", `/v1/crons/${id}`)).json.name).toBe("theirs");
});
