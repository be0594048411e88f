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

async function create(body: object = {}): Promise<Credentials> {
  return (await api.call(admin, "POST", "/v1/tokens", body)).json;
}

async function rotate(reference: string, body?: object, by: Credentials = admin) {
  const answer = await api.call(by, "POST", `/v1/tokens/${encodeURIComponent(reference)}/rotate`, body);
  return { ...answer, next: { key: answer.json?.key, secret: answer.json?.secret } as Credentials };
}

const works = async (credentials: Credentials) => (await api.call(credentials, "GET", "/v1/buckets")).status === 200;

it("makes a new secret, valid at once, beside the old one, and shows both with their age and use", async () => {
  const old = await create({ name: "shop" });
  expect(await works(old)).toBe(true);
  const before = Date.now() / 1000;
  const { status, headers, next } = await rotate("shop");
  expect([status, headers["cache-control"], next.key]).toEqual([200, "no-store", old.key]);
  expect(next.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect([await works(next), await works(old)]).toEqual([true, true]);
  const secrets = async () => (await api.call(admin, "GET", "/v1/tokens/shop")).json.secrets;
  await expect.poll(async () => (await secrets())[0].last_used_at).toEqual(expect.any(Number));
  const [present, replaced] = await secrets();
  expect(present).toEqual({ current: true, created_at: expect.any(Number), last_used_at: expect.any(Number) });
  expect(replaced).toMatchObject({ current: false, last_used_at: expect.any(Number) });
  expect(replaced.valid_until - before).toBeGreaterThan(3_590);
  expect(replaced.valid_until - before).toBeLessThan(3_610);
  const { text } = await api.call(admin, "GET", "/v1/tokens");
  expect(text).not.toMatch(/\$2b\$/);
});

it("threat: the old secret after a grace of 0, and the oldest after a second rotation", async () => {
  const first = await create({ name: "thrice" });
  const { next: second } = await rotate("thrice");
  const { next: third } = await rotate("thrice");
  expect(await Promise.all([first, second, third].map(works))).toEqual([false, true, true]);
  const { next: fourth } = await rotate("thrice", { grace_seconds: 0 });
  expect(await Promise.all([second, third, fourth].map(works))).toEqual([false, false, true]);
  const { json } = await api.call(admin, "GET", "/v1/tokens/thrice");
  expect(json.secrets).toHaveLength(1);
});

it("threat: the old secret when its time is over, from the memory of verdicts too", async () => {
  const old = await create({ name: "brief" });
  expect(await works(old)).toBe(true);
  const { next } = await rotate("brief", { grace_seconds: 1 });
  expect(await works(old)).toBe(true);
  await expect.poll(() => works(old), { timeout: 5_000 }).toBe(false);
  expect(await works(next)).toBe(true);
  expect((await api.call(admin, "GET", "/v1/tokens/brief")).json.secrets).toHaveLength(1);
});

it("takes a secret of the user's own, and the same request again when its answer was lost", async () => {
  const old = await create({ name: "given" });
  const own = "a-secret-of-ones-own-0123456789-abcdef";
  for (let time = 0; time < 2; time += 1) {
    expect((await rotate("given", { own_secret: own })).json).toEqual({ key: old.key, secret: "" });
  }
  expect([await works({ key: old.key, secret: own }), await works(old)]).toEqual([true, true]);
});

it("says what is wrong with a rotation", async () => {
  await create({ name: "picky" });
  const long = await rotate("picky", { grace_seconds: 2_592_001, own_secret: "short" });
  expect(long.status).toBe(400);
  expect(long.text).toContain("grace_seconds: must be at most 2592000");
  expect(long.text).toContain("own_secret: must have at least 32 characters");
  expect((await rotate("nobody")).status).toBe(404);
});

it("threat: a limited token rotating another, or finding out which others exist", async () => {
  const victim = await create({ name: "victim" });
  const limited = await create({ scopes: { buckets: ["b"] } });
  expect((await rotate("victim", {}, limited)).status).toBe(403);
  expect((await rotate(victim.key, {}, limited)).status).toBe(403);
  expect((await rotate("no such token", {}, limited)).status).toBe(403);
  expect(await works(victim)).toBe(true);
});

it("a limited token rotates itself, by id or name; one without access to the API does not", async () => {
  const limited = await create({ name: "self", scopes: { buckets: ["b"] } });
  const first = await rotate("self", {}, limited);
  expect(first.status).toBe(200);
  expect((await rotate(limited.key, {}, first.next)).status).toBe(200);
  const { json } = await api.call(admin, "GET", "/v1/tokens/self");
  expect(json).toMatchObject({ scopes: { buckets: ["b"] }, api_access: "enabled" });
  const agent = await create({ name: "mute", api_access: "disabled" });
  expect((await rotate("mute", {}, agent)).status).toBe(403);
});

it("threat: who holds only the old secret making itself a lasting one during the grace", async () => {
  const limited = await create({ name: "leaked", scopes: { buckets: ["b"] } });
  await rotate("leaked");
  const refused = await rotate("leaked", {}, limited);
  expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("newer secret")]);
});

it("a token that rotated itself and lost the secret on the way may do so again, until somebody has used the new one", async () => {
  const limited = await create({ name: "retry", scopes: { buckets: ["b"] } });
  expect((await rotate("retry", {}, limited)).status).toBe(200);
  const again = await rotate("retry", {}, limited);
  expect(again.status).toBe(200);
  // The secret that was lost is over, not the one that is in use everywhere.
  expect(await works(limited)).toBe(true);
  expect(await works(again.next)).toBe(true);
  // Use is noted behind the answer.
  await expect
    .poll(async () => (await api.call(admin, "GET", "/v1/tokens/retry")).json)
    .toMatchObject({ secrets: [{ current: true, last_used_at: expect.any(Number) }, {}] });
  expect((await rotate("retry", {}, limited)).status).toBe(403);
});

it("again: puts another secret in the place of one that was lost, and keeps the one before", async () => {
  const old = await create({ name: "lost" });
  expect((await rotate("lost", { again: true })).status).toBe(412);
  const { next: lost } = await rotate("lost");
  const { next: found } = await rotate("lost", { again: true, grace_seconds: 60 });
  expect(await works(lost)).toBe(false);
  expect(await Promise.all([old, found].map(works))).toEqual([true, true]);
  // Use is noted behind the answer.
  await expect
    .poll(async () => (await api.call(admin, "GET", "/v1/tokens/lost")).json.secrets[0].last_used_at)
    .toEqual(expect.any(Number));
  expect((await rotate("lost", { again: true })).status).toBe(412);
});

it("the token of the environment is refused: the next start would undo it", async () => {
  const { status, json } = await server.api("POST", `/v1/tokens/${server.adminKey}/rotate`, {});
  expect([status, json]).toEqual([412, expect.stringContaining("ADMIN_API_SECRET")]);
  const put = await server.api("PUT", `/v1/tokens/${server.adminKey}`, {
    own_secret: "another-secret-of-ones-own-0123456789",
  });
  expect(put.status).toBe(412);
  expect((await server.api("PUT", `/v1/tokens/${server.adminKey}`, { description: "fine" })).status).toBe(200);
});

it.each(TRANSPORTS)(
  "tells an agent how long its old secret is good, counts it, and sends it away then (%s)",
  async (kind) => {
    const { bucketId } = await server.route();
    const token = await server.token();
    const agent = await openSession(server, kind, token, { agent: "old", buckets: [bucketId] });
    expect(agent.all("secretReplaced")).toEqual([]);
    const { secret } = await server.must("POST", `/v1/tokens/${token.key}/rotate`, { grace_seconds: 3 });
    const { validForMs } = await agent.first("secretReplaced");
    expect(validForMs).toBeGreaterThan(1_000);
    expect(validForMs).toBeLessThanOrEqual(3_000);
    await waitFor("the metric", async () => (await server.metric("relay_agents_on_old_secret")) === 1);
    const fresh = await openSession(server, kind, { key: token.key, secret }, { agent: "new", buckets: [bucketId] });
    const late = await openSession(server, kind, token, { agent: "late", buckets: [bucketId] });
    await late.first("secretReplaced");
    const { ticket } = await late.first("welcome");
    for (const each of [agent, late]) {
      expect((await each.first("refused")).message).toContain("has a new secret");
      await each.ended();
      expect(each.all("secretReplaced")).toHaveLength(1);
    }
    // Threat: coming back by the ticket of the old secret.
    const again = connectLink(server, kind);
    again.send(hello({ tokenKey: token.key, tokenSecret: "", ticket, agent: "late" }));
    expect((await again.first("refused")).message).toContain("ticket is too old");
    again.destroy();
    expect(fresh.closed).toBeUndefined();
    expect(fresh.all("secretReplaced")).toEqual([]);
    expect(await server.metric("relay_agents_on_old_secret")).toBe(0);
    fresh.destroy();
  },
);

it.each(TRANSPORTS)("a grace of 0 sends agents with the old secret away at once (%s)", async (kind) => {
  const { bucketId } = await server.route();
  const token = await server.token();
  const agent = await openSession(server, kind, token, { agent: "old", buckets: [bucketId] });
  await server.must("POST", `/v1/tokens/${token.key}/rotate`, { grace_seconds: 0 });
  expect((await agent.first("refused")).message).toContain("has a new secret");
  await agent.ended();
});

it("threat: a secret in the logs", async () => {
  const token = await create({ name: "logged" });
  const { next } = await rotate("logged", { grace_seconds: 10 });
  await works(next);
  const logged = api.logged.join("");
  expect(logged).toContain("token.rotated");
  for (const secret of [token.secret, next.secret, "$2b$"]) expect(logged).not.toContain(secret);
});
