import { createHmac, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebhookRequest } from "../src/wire/index.js";
import { openSession } from "./support/link-client.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const DOC = fileURLToPath(new URL("../../docs/rules.md", import.meta.url));
const SECRET = "It's a Secret to Everybody";

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server.close());

interface Line {
  readonly output_id: string;
  readonly status: string;
  readonly error: string;
  readonly ephemeral: boolean;
}

/** A bucket with one output for each tree, called by its position. */
async function bucketWith(trees: readonly unknown[], bucket: object = {}) {
  const name = `rules ${randomUUID().slice(0, 8)}`;
  const made = await server.must("POST", "/v1/buckets", { name, ...bucket });
  const outputs: string[] = [];
  for (const [at, rules] of trees.entries()) {
    const body = { name: `out ${at}`, destination: "http://localhost:1/", internal: true, rules };
    outputs.push((await server.must("POST", `/v1/buckets/${made.id}/outputs`, body)).id);
  }
  return { id: String(made.id), input: String(made.inputs[0].id), outputs };
}

type Bucket = Awaited<ReturnType<typeof bucketWith>>;

/** Sends a webhook and returns what became of it for each output. */
async function send(bucket: Bucket, request: RequestInit & { readonly path?: string } = {}): Promise<Line[]> {
  const address = `${server.at.http}/v1/webhooks/${bucket.input}${request.path ?? ""}`;
  const before = (await logs(bucket)).length;
  expect((await fetch(address, { method: "POST", ...request })).status).toBe(200);
  const fresh = (await logs(bucket)).slice(0, bucket.outputs.length);
  expect(await logs(bucket)).toHaveLength(before + bucket.outputs.length);
  return bucket.outputs.map((id) => {
    const line = fresh.find(({ output_id }) => output_id === id);
    if (line === undefined) throw new Error(`the output ${id} got no line`);
    return line;
  });
}

async function logs(bucket: Bucket): Promise<Line[]> {
  return (await server.must("GET", `/v1/logs?bucket=${bucket.id}&limit=100`)).data;
}

const shown = (lines: readonly Line[]) =>
  lines.map(({ status, error }) => (status === "rejected" ? `rejected: ${error}` : status));

const match = (rest: object) => ({ match: rest });

/** Blocks of JSON in the documentation, in their order. */
async function documented(): Promise<unknown[]> {
  const text = await readFile(DOC, "utf8");
  return [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = ""]) => JSON.parse(block));
}

test("every example of the documentation is taken as it is written, given back so, and decides as it says", async () => {
  const trees = await documented();
  const bucket = await bucketWith(trees);
  const { outputs } = await server.must("GET", `/v1/buckets/${bucket.id}`);
  expect(outputs.map(({ rules }: { rules: unknown }) => rules)).toEqual(trees);

  const body = JSON.stringify({ ref: "refs/heads/main", action: "opened", head_commit: { message: "urgent" } });
  const hash = (algorithm: string) => createHmac(algorithm, SECRET).update(body).digest("hex");
  const headers = {
    "X-GitHub-Event": "push",
    "X-Hub-Signature": `sha1=${hash("sha1")}`,
    "X-Hub-Signature-256": `sha256=${hash("sha256")}`,
    "X-Signature": hash("sha512"),
  };
  const passing = await send(bucket, { path: "/prod?tags=a", headers, body });
  const outside = "rejected: rules.match: sender's address is not within the networks";
  expect(shown(passing)).toEqual([...trees.slice(0, -1).map(() => "received"), outside]);

  const failing = await send(bucket, { method: "PUT", path: "/test?tags=a-test", body: '{"action":"closed"}' });
  expect(shown(failing)).toEqual([
    "rejected: rules.and[0].match: there is no header X-GitHub-Event",
    "rejected: rules.match: method has another value",
    "rejected: rules.match: body does not contain the text",
    "rejected: rules.match: path does not contain the text",
    "rejected: rules.match: query parameter tags contains the text",
    "rejected: rules.match: payload action does not match the regular expression",
    "rejected: rules.match: there is no header X-Hub-Signature",
    "rejected: rules.match: there is no header X-Hub-Signature-256",
    "rejected: rules.match: there is no header X-Signature",
    outside,
  ]);
}, 60_000);

test("an agent gets what its outputs' rules accept, a rejection is over and can be asked for", async () => {
  const only = (value: string) => match({ type: "value", parameter: { source: "body" }, value });
  const bucket = await bucketWith([only("a"), only("b"), null]);
  const token = await server.token();
  const agent = await openSession(server, "websocket", token, { agent: randomUUID(), buckets: [bucket.id] });
  for (const body of ["a", "b", "c"]) await send(bucket, { body });
  await waitFor("five deliveries", () => agent.deliveries.length >= 5);
  const bodies = agent.deliveries.map(({ request }) => Buffer.from(WebhookRequest.decode(request).body).toString());
  expect(bodies.sort()).toEqual(["a", "a", "b", "b", "c"]);
  const { data } = await server.must("GET", `/v1/logs?bucket=${bucket.id}&status=rejected`);
  expect(data).toHaveLength(4);
  expect(new Set(data.map(({ error }: Line) => error))).toEqual(new Set(["rules.match: body has another value"]));
});

test("an ephemeral bucket tells the reason, and nothing of the webhook", async () => {
  const tree = match({ type: "regex", parameter: { source: "header", name: "X-A" }, regex: "^b$" });
  const bucket = await bucketWith([tree], { ephemeral: true });
  const [line] = await send(bucket, { headers: { "X-A": "topsecret" }, body: "topsecret" });
  expect(line).toMatchObject({
    status: "rejected",
    ephemeral: true,
    error: "rules.match: header X-A does not match the regular expression",
  });
  expect(JSON.stringify(line)).not.toContain("topsecret");
});

test("rules change from one webhook to the next, by their own routes and with the output; none are null", async () => {
  const bucket = await bucketWith([{}]);
  const path = `/v1/buckets/${bucket.id}/outputs/${bucket.outputs[0]}`;
  expect((await server.must("GET", path)).rules).toBeNull();
  expect(shown(await send(bucket))).toEqual(["received"]);

  const get = match({ type: "value", parameter: { source: "method" }, value: "GET" });
  expect(await server.must("PUT", `${path}/rules`, { not: [get] })).toMatchObject({
    name: "out 0",
    rules: { not: [get] },
  });
  expect(shown(await send(bucket))).toEqual(["received"]);
  expect((await server.must("PUT", path, { rules: { or: [get] } })).rules).toEqual({ or: [get] });
  expect(shown(await send(bucket))).toEqual(["rejected: rules.or[0].match: method has another value"]);
  // A client that sends no name changes only what it sends.
  expect((await server.must("PUT", path, { description: "kept" })).rules).toEqual({ or: [get] });
  expect((await server.must("DELETE", `${path}/rules`)).rules).toBeNull();
  expect(shown(await send(bucket))).toEqual(["received"]);
  await server.must("PUT", `${path}/rules`, get);
  expect((await server.must("PUT", `${path}/rules`, {})).rules).toBeNull();
});

test("what is wrong is refused by its place, wherever it is written", async () => {
  const bucket = await bucketWith([null]);
  const path = `/v1/buckets/${bucket.id}/outputs/${bucket.outputs[0]}`;
  const parameter = { source: "header", name: "a" };
  const tree = {
    and: [match({ type: "valeu", parameter }), { or: [match({ type: "regex", parameter, regex: "(a" })] }],
  };
  const problems = [
    /^rules\.and\[0\]\.match\.type: is none that there is\. Did you mean value\?; one of value, contains/m,
    /^rules\.and\[1\]\.or\[0\]\.match\.regex: is no regular expression: missing closing \)/m,
  ];
  for (const [to, body] of [
    [path, { rules: tree }],
    [`${path}/rules`, tree],
  ] as const) {
    const { status, json } = await server.api("PUT", to, body);
    expect(status).toBe(400);
    for (const problem of problems) expect(String(json)).toMatch(problem);
  }
  const manifest = { buckets: { b: { outputs: { o: { destination: "http://x/", rules: tree } } } } };
  const refused = await server.api("POST", "/v1/manifests/rules/plan", { manifest });
  expect(refused.status).toBe(400);
  expect(refused.json.problems.map((problem: { path: string }) => problem.path)).toEqual([
    "buckets.b.outputs.o.rules.and[0].match.type",
    "buckets.b.outputs.o.rules.and[1].or[0].match.regex",
  ]);
});

test("threat: a rule's secret is in no plan, no audit, no kept manifest and no log of the server", async () => {
  const secret = `secret-${randomUUID()}`;
  const tree = (given: string) => ({
    or: [match({ type: "payload-hash-sha256", parameter: { source: "header", name: "X-Sig" }, secret: given })],
  });
  const content = (given: string) => ({
    manifest: { buckets: { hidden: { outputs: { o: { destination: "http://x/", rules: tree(given) } } } } },
  });
  const apply = async (given: string) => {
    const plan = await server.must("POST", "/v1/manifests/hidden/plan", content(given));
    const { fingerprint } = plan;
    await server.must("POST", "/v1/manifests/hidden/apply", { ...content(given), fingerprint });
    return plan;
  };
  const first = await apply(secret);
  expect(JSON.stringify(first)).toContain("(hidden)");
  const { outputs } = await server.must("GET", "/v1/buckets/hidden");
  expect(outputs[0].rules).toEqual(tree(secret));
  expect((await server.must("POST", "/v1/manifests/hidden/plan", content(secret))).changes).toEqual([]);
  expect((await server.must("GET", "/v1/manifests/hidden/drift")).changes).toEqual([]);

  const other = `secret-${randomUUID()}`;
  const changed = await apply(other);
  expect(changed.changes[0].attributes).toEqual([{ path: "rules", secret: true }]);
  const { rows } = await server.database.pool.query(
    "SELECT content::text FROM manifests UNION ALL SELECT diff::text FROM audit",
  );
  const kept = [JSON.stringify([first, changed]), JSON.stringify(rows), server.output].join("\n");
  for (const each of [secret, other]) expect(kept).not.toContain(each);
});
