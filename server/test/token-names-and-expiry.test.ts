import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminApi, bootAdmin, type Credentials } from "./admin-api.js";
import { connectLink, hello, openSession, TRANSPORTS } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let api: AdminApi & { close(): Promise<void> };
let server: TestServer;
let admin: Credentials;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
  server = await runServer();
});
afterAll(async () => {
  await server?.close();
  await api?.close();
});

async function create(body: object): Promise<Credentials> {
  const { status, json } = await api.call(admin, "POST", "/v1/tokens", body);
  expect(status).toBe(201);
  return json;
}

const OWN_SECRET = "correct-horse-battery-staple-0123456789";
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

it("is found by id and by name, and changed and deleted by either", async () => {
  const { key } = await create({ name: "by name", description: "d" });
  const byName = "/v1/tokens/by%20name";
  const view = (await api.call(admin, "GET", `/v1/tokens/${key}`)).json;
  expect(view).toMatchObject({ id: key, name: "by name", description: "d", expires_at: 0 });
  expect((await api.call(admin, "GET", byName)).json).toEqual(view);
  expect((await api.call(admin, "PUT", byName, { name: "other name" })).json).toMatchObject({ name: "other name" });
  expect((await api.call(admin, "GET", byName)).status).toBe(404);
  expect((await api.call(admin, "DELETE", "/v1/tokens/other%20name")).json).toEqual({ id: key, status: "deleted" });
  expect((await api.call(admin, "GET", `/v1/tokens/${key}`)).status).toBe(404);
});

it("has a name of its own, if any", async () => {
  await create({ name: "taken" });
  const second = await api.call(admin, "POST", "/v1/tokens", { name: "taken" });
  expect([second.status, second.text]).toEqual([412, expect.stringContaining("token of this name exists already")]);
  const nameless = [await create({}), await create({})];
  for (const { key } of nameless) {
    expect((await api.call(admin, "GET", `/v1/tokens/${key}`)).json.name).toBe("");
  }
  const rename = await api.call(admin, "PUT", `/v1/tokens/${nameless[0]?.key}`, { name: "taken" });
  expect(rename.status).toBe(412);
  expect((await api.call(admin, "POST", "/v1/tokens", { name: randomUUID() })).status).toBe(400);
});

it("threat: a client that knows no names and no expiry lifting them by an update", async () => {
  const { key } = await create({ name: "kept", expires_at: inSeconds(3600) });
  const before = (await api.call(admin, "GET", `/v1/tokens/${key}`)).json;
  const after = await api.call(admin, "PUT", `/v1/tokens/${key}`, { api_access: "enabled", description: "classic" });
  expect(after.json).toMatchObject({ name: "kept", expires_at: before.expires_at, description: "classic" });
});

it("refuses an end in the past and a secret that can be guessed", async () => {
  const past = await api.call(admin, "POST", "/v1/tokens", { expires_at: inSeconds(-1) });
  expect([past.status, past.text]).toEqual([400, expect.stringContaining("expires_at: is in the past")]);
  const short = await api.call(admin, "POST", "/v1/tokens", { own_secret: "short" });
  expect([short.status, short.text]).toEqual([400, expect.stringContaining("own_secret: must have at least 32")]);
  expect(short.text).not.toContain('"short"');
});

it("takes a secret of the user's own and sends it to nobody", async () => {
  const made = await api.call(admin, "POST", "/v1/tokens", { name: "own", own_secret: OWN_SECRET });
  expect(made.json).toEqual({ key: made.json.key, secret: "" });
  expect(made.headers["cache-control"]).toBe("no-store");
  const credentials = { key: made.json.key, secret: OWN_SECRET };
  expect((await api.call(credentials, "GET", "/v1/buckets")).status).toBe(200);
  const { text } = await api.call(admin, "GET", "/v1/tokens/own");
  expect(text).not.toMatch(/\$2b\$|correct-horse/);
  expect(api.logged.join("")).not.toContain("correct-horse");
});

it("threat: the secret before still working after another was put in its place", async () => {
  await api.call(admin, "POST", "/v1/tokens", { name: "replaced", own_secret: OWN_SECRET });
  const { id } = (await api.call(admin, "GET", "/v1/tokens/replaced")).json;
  const before = { key: id, secret: OWN_SECRET };
  expect((await api.call(before, "GET", "/v1/buckets")).status).toBe(200);
  // The same again is no change.
  await api.call(admin, "PUT", "/v1/tokens/replaced", { own_secret: OWN_SECRET });
  expect((await api.call(before, "GET", "/v1/buckets")).status).toBe(200);
  const next = OWN_SECRET.replace("horse", "zebra");
  expect((await api.call(admin, "PUT", "/v1/tokens/replaced", { own_secret: next })).status).toBe(200);
  expect((await api.call(before, "GET", "/v1/buckets")).status).toBe(401);
  expect((await api.call({ key: id, secret: next }, "GET", "/v1/buckets")).status).toBe(200);
});

it("threat: an expired token still working, by the API's cache of what was right", async () => {
  const { key, secret } = await create({ expires_at: inSeconds(3600) });
  expect((await api.call({ key, secret }, "GET", "/v1/buckets")).status).toBe(200);
  await api.call(admin, "PUT", `/v1/tokens/${key}`, { expires_at: inSeconds(-1) });
  expect((await api.call({ key, secret }, "GET", "/v1/buckets")).status).toBe(401);
  await api.call(admin, "PUT", `/v1/tokens/${key}`, { expires_at: 0 });
  expect((await api.call({ key, secret }, "GET", "/v1/buckets")).status).toBe(200);
});

it.each(TRANSPORTS)(
  "threat: an agent staying, or coming back by its ticket, after its token's end (%s)",
  async (kind) => {
    const { bucketId } = await server.route();
    const token = await server.token({ expires_at: inSeconds(2) });
    const agent = await openSession(server, kind, token, { agent: "expiring", buckets: [bucketId] });
    const { ticket } = await agent.first("welcome");
    // Nobody changes anything: time alone ends it.
    const refused = await agent.first("refused");
    expect(refused).toMatchObject({ message: "The token has expired.", reason: 1 });
    await agent.ended();
    for (const how of [{ tokenSecret: token.secret }, { ticket }]) {
      const again = connectLink(server, kind);
      again.send(hello({ tokenKey: token.key, tokenSecret: "", agent: "expiring", ...how }));
      expect((await again.first("refused")).reason).toBeGreaterThan(0);
      expect(again.all("welcome")).toEqual([]);
      again.destroy();
    }
    await waitFor("no agent to be left", async () => (await server.metric("relay_agents")) === 0);
  },
);
