import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, bootAdminOn, type Credentials } from "./admin-api.js";

const PATH = "/v1/account/api-key";
const KEY = /^sk-[A-Za-z0-9_-]{43}$/;

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api.close());

/** Statuses of a request with the key, in both ways clients send it. */
async function statusesWith(secret: string, on: Pick<typeof api, "call"> = api): Promise<number[]> {
  const bearer = await on.call(undefined, "GET", "/v1/buckets", undefined, { authorization: `Bearer ${secret}` });
  const basic = await on.call({ key: "whr", secret }, "GET", "/v1/buckets");
  return [bearer.status, basic.status];
}

async function renew(): Promise<string> {
  return (await api.call(admin, "POST", PATH)).json.api_key;
}

it("GET makes the key once, of several at a time too, and shows it once", async () => {
  expect(await statusesWith(`sk-${"a".repeat(43)}`)).toEqual([401, 401]);
  expect((await api.call(admin, "HEAD", PATH)).status).toBe(404);
  const answers = await Promise.all(Array.from({ length: 4 }, () => api.call(admin, "GET", PATH)));
  const shown = answers.filter(({ json }) => !json.masked);
  expect(shown.map(({ status, json }) => [status, json])).toEqual([
    [200, { api_key: expect.stringMatching(KEY), enabled: true, masked: false }],
  ]);
  const key: string = shown[0]?.json.api_key;
  const again = await api.call(admin, "GET", PATH);
  expect(again.json).toEqual({ api_key: `sk-********${key.slice(-4)}`, enabled: true, masked: true });
  expect(shown[0]?.headers["cache-control"]).toBe("no-store");
  expect(await statusesWith(key)).toEqual([200, 200]);
  expect(await statusesWith(again.json.api_key)).toEqual([401, 401]);
});

it("POST makes another key in its place: the old one is dead at once, through another server too", async () => {
  const other = await bootAdminOn(api, { deaf: true });
  try {
    const old = await renew();
    expect(await statusesWith(old, other)).toEqual([200, 200]);
    const answer = await api.call(admin, "POST", PATH);
    expect([answer.status, answer.json]).toEqual([
      200,
      { api_key: expect.stringMatching(KEY), enabled: true, masked: false },
    ]);
    for (const on of [api, other]) {
      expect(await statusesWith(old, on)).toEqual([401, 401]);
      expect(await statusesWith(answer.json.api_key, on)).toEqual([200, 200]);
    }
    const { rows } = await api.pool.query("SELECT secret_hash FROM tokens WHERE account_key");
    expect(rows).toEqual([{ secret_hash: expect.stringMatching(/^\$2b\$/) }]);
  } finally {
    await other.stop();
  }
});

it("PUT switches it off and on; a new one is on", async () => {
  const key = await renew();
  const off = await api.call(admin, "PUT", PATH, { enabled: false });
  expect([off.status, off.json]).toEqual([200, { enabled: false }]);
  expect(await statusesWith(key)).toEqual([401, 401]);
  expect((await api.call(admin, "GET", PATH)).json).toMatchObject({ enabled: false, masked: true });
  expect((await api.call(admin, "PUT", PATH, { enabled: true })).json).toEqual({ enabled: true });
  expect(await statusesWith(key)).toEqual([200, 200]);
  await api.call(admin, "PUT", PATH, { enabled: false });
  expect(await statusesWith(await renew())).toEqual([200, 200]);
  for (const body of [{}, { enabled: "no" }, "[]", undefined]) {
    expect((await api.call(admin, "PUT", PATH, body)).status).toBe(400);
  }
});

it("has an administrator's rights, over itself too", async () => {
  const own = { key: "whr", secret: await renew() };
  expect((await api.call(own, "POST", "/v1/buckets", { name: "by key" })).status).toBe(201);
  expect((await api.call(own, "POST", "/v1/tokens", {})).status).toBe(201);
  expect((await api.call(own, "GET", "/v1/user/info")).json.data.role).toBe("admin");
  expect((await api.call(own, "GET", PATH)).json.masked).toBe(true);
  const next = (await api.call(own, "POST", PATH)).json.api_key;
  expect((await api.call(own, "GET", "/v1/buckets")).status).toBe(401);
  expect(await statusesWith(next)).toEqual([200, 200]);
});

it("threat: anybody but an administrator reading, replacing or switching the key", async () => {
  const key = await renew();
  const tokens: [Credentials | undefined, number][] = [
    [undefined, 401],
    [await api.token({ scopeBuckets: ["by key"] }), 403],
    [await api.token({ scopeTunnels: ["t"] }), 403],
    [await api.token({ apiAccess: false }), 403],
  ];
  for (const [credentials, status] of tokens) {
    for (const [method, body] of [["GET"], ["POST"], ["PUT", { enabled: false }]] as const) {
      const answer = await api.call(credentials, method, PATH, body);
      expect([method, answer.status]).toEqual([method, status]);
      expect(answer.text).not.toContain("sk-");
    }
  }
  expect(await statusesWith(key)).toEqual([200, 200]);
});

it("threat: the key managed as a token, and thereby given scopes, renamed or kept", async () => {
  await renew();
  const { rows } = await api.pool.query<{ id: string }>("SELECT id FROM tokens WHERE account_key");
  const id = rows[0]?.id ?? "";
  const listed = (await api.call(admin, "GET", "/v1/tokens")).json.map((token: { id: string }) => token.id);
  expect(listed).toContain(admin.key);
  expect(listed).not.toContain(id);
  for (const key of [id, "whr"]) {
    expect((await api.call(admin, "PUT", `/v1/tokens/${key}`, { scopes: { buckets: ["x"] } })).status).toBe(404);
    expect((await api.call(admin, "DELETE", `/v1/tokens/${key}`)).status).toBe(404);
  }
});

it("threat: guessing the key; it is slowed down like other secrets", async () => {
  const statuses = new Set<number>();
  for (let i = 0; i < 15; i += 1) for (const status of await statusesWith(`sk-guess-${i}`)) statuses.add(status);
  expect(statuses).toEqual(new Set([401, 429]));
});

it("threat: the key in the log", async () => {
  const key = await renew();
  await statusesWith(key);
  expect(api.logged.join("")).not.toContain(key);
});

it("PUT before there is a key says how to get one", async () => {
  const fresh = await bootAdmin();
  try {
    const answer = await fresh.call(await fresh.token(), "PUT", PATH, { enabled: true });
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining(`GET ${PATH}`)]);
  } finally {
    await fresh.close();
  }
});
