import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials } from "./admin-api.js";

let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
});
afterAll(() => api.close());

async function listed(key: string) {
  const { json } = await api.call(admin, "GET", "/v1/tokens");
  return json.find((token: { id: string }) => token.id === key);
}

it("shows a secret once, and only there", async () => {
  const made = await api.call(admin, "POST", "/v1/tokens", { description: "ci" });
  expect(made.status).toBe(201);
  expect(Object.keys(made.json).sort()).toEqual(["key", "secret"]);
  expect(made.json.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  const token = await listed(made.json.key);
  expect(token).toMatchObject({
    id: made.json.key,
    description: "ci",
    active: true,
    api_access: "enabled",
    scopes: { buckets: [], tunnels: [] },
    last_login: "",
  });
  expect(Number.isInteger(token.created_at)).toBe(true);
  const list = await api.call(admin, "GET", "/v1/tokens");
  expect(list.text).not.toContain(made.json.secret);
  expect(list.text).not.toContain("$2b$");
  expect((await api.call(made.json, "GET", "/v1/buckets")).status).toBe(200);
  await expect.poll(async () => (await listed(made.json.key)).last_login).toMatch(/^\d{4}-\d{2}-\d{2}T/);
});

it("makes a token from an empty body", async () => {
  expect((await api.call(admin, "POST", "/v1/tokens")).status).toBe(201);
});

it("merges without api_access; with it, absent scopes are removed", async () => {
  const scopes = { buckets: ["a"], tunnels: null };
  const { json } = await api.call(admin, "POST", "/v1/tokens", { description: "d", scopes });
  const path = `/v1/tokens/${json.key}`;
  expect((await api.call(admin, "PUT", path, { description: "e" })).json).toMatchObject({
    description: "e",
    scopes: { buckets: ["a"], tunnels: [] },
  });
  const replaced = await api.call(admin, "PUT", path, { description: "f", api_access: "disabled" });
  expect([replaced.status, replaced.json]).toMatchObject([
    200,
    { description: "f", api_access: "disabled", scopes: { buckets: [], tunnels: [] } },
  ]);
});

it("answers 404 to unknown tokens and 400 to wrong bodies", async () => {
  const path = "/v1/tokens/11111111-1111-4111-8111-111111111111";
  expect((await api.call(admin, "PUT", path, { description: "x" })).status).toBe(404);
  expect((await api.call(admin, "DELETE", path)).status).toBe(404);
  expect((await api.call(admin, "DELETE", "/v1/tokens/nonsense")).status).toBe(404);
  const wrong = await api.call(admin, "POST", "/v1/tokens", { api_access: "yes", scopes: { buckets: [""] } });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('api_access: must be one of "enabled", "disabled"');
  expect(wrong.text).toContain("scopes.buckets: must not contain an empty name");
});

it("threat: a deleted or stopped token still working from a cache", async () => {
  const make = async () => (await api.call(admin, "POST", "/v1/tokens", {})).json as Credentials;
  const deleted = await make();
  const stopped = await make();
  for (const credentials of [deleted, stopped]) {
    expect((await api.call(credentials, "GET", "/v1/buckets")).status).toBe(200);
  }
  expect((await api.call(admin, "DELETE", `/v1/tokens/${deleted.key}`)).json).toEqual({
    id: deleted.key,
    status: "deleted",
  });
  expect((await api.call(admin, "PUT", `/v1/tokens/${stopped.key}`, { active: false })).status).toBe(200);
  for (const credentials of [deleted, stopped]) {
    expect((await api.call(credentials, "GET", "/v1/buckets")).status).toBe(401);
  }
  expect(api.published).toContainEqual({ topic: "catalog", subjects: [deleted.key] });
});
