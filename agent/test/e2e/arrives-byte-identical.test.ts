import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { githubWebhooks } from "./support/github-webhooks.js";
import { oddWebhooks } from "./support/odd-webhooks.js";
import { fieldValues, type RawDestination, type RawRequest, startRawDestination } from "./support/raw-destination.js";
import { type RawWebhook, sendRaw } from "./support/raw-sender.js";
import { type LinkTransport, runAgent, type TestAgent } from "./support/run-agent.js";

const CASE = "X-Case";
const SENDERS = 16;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Fields of a connection, and those that the relay writes itself (RFC 9110 section 7.6.1). */
const NOT_END_TO_END = new Set([
  "host",
  "content-length",
  "connection",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
  "expect",
  "x-dropped",
  "x-relay-delivery-id",
  "x-relay-attempt",
]);

let server: TestServer;

beforeAll(async () => {
  server = await runServer();
});

afterAll(() => server.close());

describe.each<LinkTransport>(["grpc", "ws"])("over %s", (transport) => {
  let destination: RawDestination;
  let route: Route;
  let agent: TestAgent;

  beforeAll(async () => {
    destination = await startRawDestination();
    const name = `identical-${transport}`;
    route = await server.route({ bucket: { name }, output: { destination: `${destination.url}/hooks` } });
    agent = await runAgent(server, { transport, buckets: [name], name, args: ["--quiet"] });
  });

  afterAll(async () => {
    await agent.close();
    await destination.stop();
  });

  test("the 329 payloads of GitHub arrive byte for byte", async () => {
    const webhooks = new Map<string, RawWebhook>();
    for (const { name, examples: payloads } of githubWebhooks()) {
      for (const [number, payload] of payloads.entries()) {
        webhooks.set(`${name} ${number}`, {
          method: "POST",
          target: "",
          fields: [
            ["Content-Type", "application/json"],
            ["X-GitHub-Event", name],
          ],
          body: Buffer.from(JSON.stringify(payload, null, number % 2 === 0 ? 2 : undefined)),
        });
      }
    }
    expect(webhooks.size).toBe(329);
    await expectIdentical(webhooks);
  });

  test("requests that a parser would change arrive byte for byte", async () => {
    await expectIdentical(oddWebhooks());
  });

  test("a target with bytes that HTTP does not allow is refused, not corrected", async () => {
    const webhook = { method: "POST", target: "/caf\u00e9", fields: [], body: Buffer.from("{}") };
    expect(await sendRaw(port(), route.path, webhook)).toBe(400);
  });

  test("a body of one byte more than 3 MB is refused, announced or not", async () => {
    const webhook = { method: "POST", target: "", fields: [], body: Buffer.alloc(3 * 1024 * 1024 + 1) };
    expect(await sendRaw(port(), route.path, webhook)).toBe(413);
    expect(await sendRaw(port(), route.path, { ...webhook, chunks: [1_000_000] })).toBe(413);
  });

  /** Sends every webhook and compares what arrived, reporting all that differ by name. */
  async function expectIdentical(webhooks: ReadonlyMap<string, RawWebhook>): Promise<void> {
    const first = destination.requests.length;
    const statuses = await sendAll(webhooks);
    expect(Object.fromEntries([...statuses].filter(([, status]) => status !== 200))).toEqual({});
    await waitFor("every webhook to arrive", () => destination.requests.length >= first + webhooks.size, {
      timeoutMs: 20_000,
    });
    const arrived = new Map(destination.requests.slice(first).map((each) => [fieldValues(each, CASE)[0], each]));
    const differences: Record<string, unknown> = {};
    const ids = new Set<string>();
    for (const [name, sent] of webhooks) {
      const request = arrived.get(caseName(name));
      if (request === undefined) {
        differences[name] = "did not arrive";
        continue;
      }
      const difference = compare(name, sent, request);
      if (difference !== undefined) differences[name] = difference;
      ids.add(fieldValues(request, "X-Relay-Delivery-Id")[0] ?? "");
    }
    expect(differences).toEqual({});
    expect(ids.size).toBe(webhooks.size);
  }

  async function sendAll(webhooks: ReadonlyMap<string, RawWebhook>): Promise<Map<string, number>> {
    const statuses = new Map<string, number>();
    const waiting = [...webhooks];
    const sender = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [name, webhook] = next;
        statuses.set(name, await sendRaw(port(), route.path, withCase(name, webhook)));
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    return statuses;
  }
});

function port(): number {
  return Number(new URL(server.at.http).port);
}

function withCase(name: string, webhook: RawWebhook): RawWebhook {
  return { ...webhook, fields: [...webhook.fields, [CASE, caseName(name)]] };
}

/** Short and of plain letters, whatever the name. */
function caseName(name: string): string {
  return createHash("sha256").update(name).digest("hex").slice(0, 16);
}

/** What differs between a webhook and what arrived of it; undefined when nothing does. */
function compare(name: string, sent: RawWebhook, arrived: RawRequest): object | undefined {
  const expected = {
    method: sent.method,
    target: expectedTarget(sent.target),
    sha256: sha256(sent.body),
    fields: endToEnd(withCase(name, sent).fields),
    lengths: sent.body.length === 0 ? ["0 or none"] : [String(sent.body.length)],
    hopByHop: [],
    deliveryIds: 1,
    attempts: ["1"],
  };
  const ids = fieldValues(arrived, "X-Relay-Delivery-Id");
  const actual = {
    method: arrived.method,
    target: arrived.target,
    sha256: sha256(arrived.body),
    fields: endToEnd(arrived.fields),
    lengths: sent.body.length === 0 ? ["0 or none"] : fieldValues(arrived, "Content-Length"),
    hopByHop: arrived.fields
      .map(([field, value]) => `${field}: ${value}`)
      .filter((line) => /^(te|keep-alive|proxy-|upgrade|expect|transfer-encoding|trailer|x-dropped)/i.test(line)),
    deliveryIds: ids.filter((id) => UUID_V7.test(id)).length,
    attempts: fieldValues(arrived, "X-Relay-Attempt"),
  };
  const differing = Object.keys(expected).filter(
    (key) => JSON.stringify(Reflect.get(expected, key)) !== JSON.stringify(Reflect.get(actual, key)),
  );
  if (differing.length === 0 && ids.length === 1) return undefined;
  return Object.fromEntries(
    differing.map((key) => [key, { sent: Reflect.get(expected, key), arrived: Reflect.get(actual, key) }]),
  );
}

/** The destination's path, then what the sender appended, unchanged. */
function expectedTarget(target: string): string {
  return `/hooks${target}`;
}

function endToEnd(fields: RawRequest["fields"]): RawRequest["fields"] {
  return fields.filter(([name]) => !NOT_END_TO_END.has(name.toLowerCase()));
}

function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}
