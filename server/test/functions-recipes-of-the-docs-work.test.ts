import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, expect, it } from "vitest";
import type { FunctionDriver, FunctionRequest } from "../src/functions/function-call.js";
import { FunctionRunner } from "../src/functions/function-runner.js";
import type { HttpAsk, HttpCaller } from "../src/functions/http-ask.js";
import { bodyOf, done, functionCall, responseOf } from "./support/function-call.js";

const docs = await readFile(new URL("../../docs/functions.md", import.meta.url), "utf8");
const recipes = new Map<string, { driver: FunctionDriver; source: string }>();
for (const [, name = "", driver, source = ""] of docs.matchAll(/^### ([a-z-]+)\n[^#]*?```(js|lua)\n(.*?)```/gms)) {
  recipes.set(name, { driver: driver === "lua" ? "lua" : "js", source });
}

const asked: HttpAsk[] = [];
const http: HttpCaller = {
  async call(ask) {
    asked.push(ask);
    if (ask.url.endsWith("/8")) return { kind: "failed", text: "connection refused" };
    return { kind: "answered", status: 200, headers: [], body: Buffer.from('{"name":"Zoë"}') };
  },
};
const runner = new FunctionRunner({ workers: 2, deadlineMs: 10_000, http });
afterAll(() => runner.stop());

const ran = new Set<string>();
async function recipe(name: string, request: Partial<FunctionRequest>, over = {}) {
  const found = recipes.get(name);
  if (found === undefined) throw new Error(`docs/functions.md has no recipe ${name}`);
  ran.add(name);
  return done(await runner.run(functionCall(found.source, { driver: found.driver, request, ...over })));
}
const json = (value: unknown) => ({ body: Buffer.from(JSON.stringify(value)) });

it("only-post", async () => {
  const refused = await recipe("only-post", { method: "GET" });
  expect(refused).toMatchObject({ stopped: true, response: { status: 405, headers: [["Allow", "POST"]] } });
  expect(await recipe("only-post", { method: "POST" })).toMatchObject({ stopped: false, response: undefined });
});

it("image-push-to-chat", async () => {
  const push = { repository: { repo_name: "team/app" }, push_data: { tag: "1.2" } };
  expect(bodyOf(await recipe("image-push-to-chat", json(push)))).toBe('{"text":"team/app:1.2 was pushed"}');
});

it("filter", async () => {
  expect((await recipe("filter", json({ status: "paid" }))).stopped).toBe(false);
  expect((await recipe("filter", json({ status: "open" }))).stopped).toBe(true);
});

it("invalid-json", async () => {
  const refused = await recipe("invalid-json", { body: Buffer.from("{") });
  expect(responseOf(refused)).toEqual({ status: 400, body: "json: the text ends too early" });
  expect((await recipe("invalid-json", json({}))).stopped).toBe(false);
});

it("authenticate", async () => {
  const body = Buffer.from([0xff, 0x00, 0x31]);
  const signature = `sha256=${createHmac("sha256", "key").update(body).digest("hex")}`;
  const variables = { SECRET: "key" };
  const signed = { body, headers: [["x-signature-256", signature]] as const };
  expect((await recipe("authenticate", signed, { variables })).stopped).toBe(false);
  for (const request of [{ body }, { ...signed, body: Buffer.from("other") }]) {
    expect(await recipe("authenticate", request, { variables })).toMatchObject({
      stopped: true,
      response: { status: 401 },
    });
  }
});

it("inject-credentials", async () => {
  const result = await recipe("inject-credentials", {}, { variables: { TOKEN: "t" } });
  expect(result.request.headers).toContainEqual(["Authorization", "Bearer t"]);
});

it("enrich", async () => {
  const variables = { TOKEN: "t" };
  const enriched = await recipe("enrich", json({ customer: "7" }), { variables });
  expect(bodyOf(enriched)).toBe('{"customer":{"name":"Zoë"}}');
  const headers = [["Authorization", "Bearer t"]];
  expect(asked).toMatchObject([
    { method: "GET", url: "https://crm.example.com/customers/7", headers, timeoutMs: 2_000 },
  ]);
  const alone = await recipe("enrich", json({ customer: "8" }), { variables });
  expect(alone).toMatchObject({ modified: { body: false }, logs: [{ level: "warn", text: "connection refused" }] });
});

it("tell-chat", async () => {
  const outcome = { outcome: "failed", attempts: 3, durationMs: 5, error: "", responseStatus: 503 };
  const over = { outcome, metadata: { output_name: "crm" }, variables: { CHAT_URL: "https://chat.example/hook" } };
  await recipe("tell-chat", {}, over);
  expect(asked.at(-1)).toMatchObject({ method: "POST", url: "https://chat.example/hook" });
  expect(Buffer.from(asked.at(-1)?.body ?? "").toString()).toBe('{"text":"crm answered 503 after 3 attempts"}');
  const count = asked.length;
  await recipe("tell-chat", {}, { ...over, outcome: { ...outcome, outcome: "sent" } });
  expect(asked).toHaveLength(count);
});

it("form-to-json", async () => {
  const headers = [["Content-Type", "application/x-www-form-urlencoded"]] as const;
  expect(bodyOf(await recipe("form-to-json", { headers, body: Buffer.from("a=1&b=2") }))).toBe('{"a":"1","b":"2"}');
});

it("challenge", async () => {
  const expected = createHmac("sha256", "key").update("abc").digest("base64");
  const result = await recipe("challenge", { rawQuery: "crc_token=abc" }, { variables: { SECRET: "key" } });
  expect(responseOf(result)).toEqual({ status: 200, body: `{"response_token":"sha256=${expected}"}` });
});

it("route", async () => {
  expect((await recipe("route", json({ type: "paid" }))).request.path).toBe("/events/paid");
});

it("by-metadata", async () => {
  const result = await recipe("by-metadata", {}, { metadata: { input_name: "test-shop" } });
  expect(result.request.headers).toContainEqual(["X-Environment", "test"]);
});

it("every recipe is run here", () => {
  expect([...recipes.keys()].sort()).toEqual([...ran].sort());
});
