import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Outcome, WebhookRequest } from "../src/wire/index.js";
import { type LinkClient, openSession } from "./support/link-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

/** Found nowhere by accident, and long enough to survive a cut at a page's edge in half. */
const marker = (place: string) => `MARK-${place}-${randomBytes(12).toString("hex")}`;

/** A text as it may show up: itself, in hex (PostgreSQL's text form of bytes), in base64 at each of its three offsets. */
function disguises(text: string): string[] {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from("xx".slice(0, shift) + text)
      .toString("base64")
      .slice(4, -4),
  );
  return [text, Buffer.from(text).toString("hex"), ...base64];
}

async function* files(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

/** Which of the texts stand in any file below the folder, with the file. */
async function search(folder: string, texts: readonly string[]): Promise<{ found: string[]; bytes: number }> {
  const wanted = texts.flatMap((text) => disguises(text).map((form) => ({ text, form })));
  const longest = Math.max(...wanted.map(({ form }) => form.length));
  const found = new Set<string>();
  let bytes = 0;
  for await (const path of files(folder)) {
    bytes += (await stat(path)).size;
    let before = "";
    for await (const chunk of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })) {
      const text = before + (chunk as Buffer).toString("latin1");
      for (const each of wanted) if (text.includes(each.form)) found.add(`${each.text} in ${path}`);
      before = text.slice(-longest);
    }
  }
  return { found: [...found], bytes };
}

let server: TestServer;
beforeAll(async () => {
  server = await runServer({ database: "embedded", env: { LOG_LEVEL: "trace" } });
});
afterAll(() => server.close());

async function post(route: Route, texts: Record<"path" | "query" | "header" | "body", string>, headers = {}) {
  const response = await fetch(`${server.at.http}${route.path}/${texts.path}?q=${texts.query}`, {
    method: "POST",
    headers: { "X-Secret": texts.header, ...headers },
    body: `before ${texts.body} after`,
  });
  expect(response.status).toBe(200);
}

test("what was in a webhook, its answer and every secret stand nowhere in the data directory, the WAL or the logs", async () => {
  const control = marker("control");
  const password = marker("password");
  const places = ["path", "query", "header", "body"] as const;
  const texts = (kind: string) =>
    Object.fromEntries(places.map((place) => [place, marker(`${kind}-${place}`)])) as Record<
      (typeof places)[number],
      string
    >;
  const delivered = texts("delivered");
  const waiting = texts("waiting");
  const failed = texts("failed");
  const unrouted = texts("unrouted");
  const ephemeral = texts("ephemeral");
  const parked = texts("parked");
  const unknown = texts("unknown");
  const answer = { error: marker("error"), header: marker("answer-header"), body: marker("answer-body") };

  const route = await server.route({ bucket: { name: control, auth: { type: "basic", username: "u", password } } });
  const authorization = `Basic ${Buffer.from(`u:${password}`).toString("base64")}`;
  const vanishing = await server.route({ bucket: { ephemeral: true } });
  const lonely = await server.route({ bucket: { ephemeral: true } });
  const noOutput = await server.route();
  await server.must("DELETE", `/v1/buckets/${noOutput.bucketId}/outputs/${noOutput.outputId}`);
  const token = await server.token();
  const open = (agent: string, buckets: string[]): Promise<LinkClient> =>
    openSession(server, "grpc", token, { agent, buckets });
  const agent = await open("a", [route.bucketId, vanishing.bucketId]);

  await post(route, delivered, { authorization });
  await post(route, failed, { authorization });
  await post(vanishing, ephemeral);
  await post(lonely, parked);
  await post(noOutput, unrouted);
  await post({ ...route, path: "/v1/webhooks/unknown" }, unknown);
  const deliveries = await agent.received(3);
  for (const delivery of deliveries) {
    const request = WebhookRequest.decode(delivery.request);
    const isFailed = request.path.includes(failed.path) || request.path.includes(ephemeral.path);
    agent.ack(
      delivery,
      isFailed
        ? {
            outcome: Outcome.OUTCOME_FAILED,
            statusCode: 500,
            error: answer.error,
            response: {
              headers: Buffer.from(`X-A\n${answer.header}`, "latin1"),
              body: Buffer.from(answer.body),
              whole: false,
            },
          }
        : {},
    );
  }
  const metrics = async () => (await fetch(`${server.at.status}/metrics`)).text();
  await waitFor("the outcomes", async () => /relay_deliveries_unfinished\{state="held"\} 1\n/.test(await metrics()));
  agent.destroy();
  await post(route, waiting, { authorization });
  expect(await server.kill("SIGTERM")).toBe(0);

  const hidden = [delivered, waiting, failed, unrouted, ephemeral, parked, unknown].flatMap((each) =>
    Object.values(each),
  );
  hidden.push(...Object.values(answer), password, token.secret, server.adminSecret, authorization.slice(6));
  const { found, bytes } = await search(server.dataDir, [control, ...hidden]);
  // The search itself works: a bucket's name is no secret.
  expect(bytes).toBeGreaterThan(20_000_000);
  expect(found.filter((each) => each.startsWith(control)).length).toBeGreaterThan(0);
  expect(found.filter((each) => !each.startsWith(control))).toEqual([]);
  for (const text of hidden) for (const form of disguises(text)) expect(server.output).not.toContain(form);

  // And nothing is lost by it: what waited is delivered by the next process.
  await server.start();
  const back = await open("a", [route.bucketId]);
  const [delivery] = await back.received(1);
  expect(Buffer.from(WebhookRequest.decode(delivery?.request ?? new Uint8Array()).body).toString()).toContain(
    waiting.body,
  );
  back.destroy();
}, 60_000);
