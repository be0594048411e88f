import { afterAll, beforeAll, expect, it } from "vitest";
import { bootAdmin, type Credentials } from "./admin-api.js";

const NUL = "a\0b";
let api: Awaited<ReturnType<typeof bootAdmin>>;
let admin: Credentials;
const id: Record<string, string> = {};

beforeAll(async () => {
  api = await bootAdmin();
  admin = await api.token();
  const bucket = (await api.call(admin, "POST", "/v1/buckets", { name: "b" })).json;
  const output = await api.call(admin, "POST", "/v1/buckets/b/outputs", { name: "o", destination: "http://d" });
  const token = await api.call(admin, "POST", "/v1/tokens", {});
  Object.assign(id, { bucket: bucket.id, input: bucket.inputs[0].id, output: output.json.id, token: token.json.key });
});
afterAll(() => api.close());

/** Every field of every body that holds text. */
const FIELDS = {
  bucket: ["name", "description", "auth.username", "auth.password", "auth.token"],
  input: ["name", "description", "body", "headers.X-A[0]"],
  output: ["name", "description", "destination", "headers.X-A[0]"],
  token: ["description", "scopes.buckets[0]", "scopes.tunnels[0]"],
};
const CASES = Object.entries(FIELDS).flatMap(([resource, fields]) =>
  fields.flatMap((field) => (["POST", "PUT"] as const).map((method) => ({ resource, field, method }) as const)),
);

/** `auth.token` with "x" becomes `{auth: {token: "x"}}`. */
function bodyWith(field: string, value: string): object {
  const list = field.endsWith("[0]");
  const path = field.replace("[0]", "").split(".");
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), list ? [value] : value) as object;
}

function urlOf(resource: string, method: string): string {
  const collection = {
    bucket: "/v1/buckets",
    input: "/v1/buckets/b/inputs",
    output: "/v1/buckets/b/outputs",
    token: "/v1/tokens",
  }[resource];
  return method === "POST" ? `${collection}` : `${collection}/${id[resource]}`;
}

it.each(CASES)("threat: NUL in $field of a $resource by $method", async ({ resource, field, method }) => {
  const required = method === "POST" ? { name: "new", destination: "http://d" } : {};
  const type = field === "auth.token" ? "token" : "basic";
  const auth = field.startsWith("auth.") ? { auth: { type, username: "u", password: "p" } } : {};
  const body = { ...required, ...auth, ...bodyWith(field, NUL) };
  if ("auth" in body) Object.assign(body.auth as object, { type });
  const answer = await api.call(admin, method, urlOf(resource, method), body);
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(field.split(/[.[]/)[0] ?? "")]);
  expect(api.logged.join("")).not.toContain("admin.request-failed");
});

it.each(["/v1/buckets/a%00b", "/v1/logs/a%00b", "/v1/logs?bucket=a%00b"])("NUL in %s finds nothing", async (url) => {
  expect((await api.call(admin, "GET", url)).status).toBe(404);
});

it.each(["status", "from", "cursor"])("NUL in the query's %s is refused", async (name) => {
  expect((await api.call(admin, "GET", `/v1/logs?${name}=a%00b`)).status).toBe(400);
});

it("a log that a client sends back whole may hold NUL in fields that are not its report", async () => {
  const answer = await api.call(admin, "PUT", "/v1/logs/01890000-0000-7000-8000-000000000000", { body: NUL });
  expect(answer.status).toBe(404);
});
