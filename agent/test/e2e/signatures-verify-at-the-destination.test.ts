import { randomBytes } from "node:crypto";
import { sign, verify } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { SIGNING_PROVIDERS } from "../../../server/test/support/signing-providers.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { fieldValues, type RawDestination, type RawRequest, startRawDestination } from "./support/raw-destination.js";
import { sendRaw } from "./support/raw-sender.js";
import { type LinkTransport, runAgent, type TestAgent } from "./support/run-agent.js";

/** Valid JSON that no parser and serialiser gives back as it was. */
const BODIES: readonly string[] = [
  '{"id":"evt_1","object":"event","amount":1.0,"big":12345678901234567890,"twice":1,"twice":2}\n',
  '{ "b" : "\\u00e9\\/\\ud83d\\ude00" , "a" : "é😀", "10": 1, "9": 2, "object":"event" }\r\n',
  '\t{"object":"event","exponent":1E+2,"minus":-0,"empty":{ },"list":[ ]}  ',
];

/** A provider's own library: signs at the sender, verifies at the destination. */
interface Provider {
  fields(body: string): Promise<readonly (readonly [string, string])[]>;
  accepts(body: Buffer, field: (name: string) => string): Promise<boolean>;
}

const secret = randomBytes(32).toString("base64");
const stripe = new Stripe("sk_test_not_a_key");
const standard = new Webhook(secret);

const PROVIDERS: Readonly<Record<string, Provider>> = {
  "@octokit/webhooks-methods": {
    fields: async (body) => [["X-Hub-Signature-256", await sign(secret, body)]],
    accepts: (body, field) => verify(secret, body.toString(), field("X-Hub-Signature-256")),
  },
  stripe: {
    fields: async (payload) => [["Stripe-Signature", stripe.webhooks.generateTestHeaderString({ payload, secret })]],
    async accepts(body, field) {
      return accepted(() => stripe.webhooks.constructEvent(body, field("Stripe-Signature"), secret));
    },
  },
  standardwebhooks: {
    async fields(body) {
      const now = new Date();
      return [
        ["webhook-id", "msg_1"],
        ["webhook-timestamp", String(Math.floor(now.getTime() / 1000))],
        ["webhook-signature", standard.sign("msg_1", now, body)],
      ];
    },
    async accepts(body, field) {
      const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
      const headers = Object.fromEntries(names.map((name) => [name, field(name)]));
      return accepted(() => standard.verify(body, headers));
    },
  },
};

let server: TestServer;
let destination: RawDestination;

beforeAll(async () => {
  server = await runServer();
  destination = await startRawDestination();
});

afterAll(async () => {
  await server.close();
  await destination.stop();
});

describe.each<LinkTransport>(["grpc", "ws"])("over %s", (transport) => {
  let route: Route;
  let agent: TestAgent;

  beforeAll(async () => {
    const name = `signed-${transport}`;
    route = await server.route({ bucket: { name }, output: { destination: destination.url } });
    agent = await runAgent(server, { transport, buckets: [name], name, args: ["--quiet"] });
  });

  afterAll(() => agent.close());

  test.each(Object.keys(PROVIDERS))("a signature of %s verifies at the destination", async (name) => {
    const provider = PROVIDERS[name];
    if (provider === undefined) throw new Error(`there is no provider ${name}`);
    for (const body of BODIES) {
      const arrived = await relayed(route, body, await provider.fields(body));
      const field = (wanted: string) => fieldValues(arrived, wanted)[0] ?? "";
      expect(await provider.accepts(arrived.body, field)).toBe(true);
      // A relay that parses would have been found out.
      const reserialised = Buffer.from(JSON.stringify(JSON.parse(body)));
      expect(await provider.accepts(reserialised, field)).toBe(false);
    }
  });
});

describe("signed by senders that the input verifies", () => {
  let agent: TestAgent;
  const routes = new Map<string, Route>();
  const key = randomBytes(24).toString("base64");

  beforeAll(async () => {
    for (const [name, { verification }] of Object.entries(SIGNING_PROVIDERS)) {
      const route = await server.route({
        input: { verification: { ...verification, secret: key } },
        output: { destination: destination.url },
      });
      routes.set(name, route);
    }
    const buckets = [...routes.values()].map(({ bucketId }) => bucketId);
    agent = await runAgent(server, { transport: "grpc", buckets, name: "verified", args: ["--quiet"] });
  });

  afterAll(() => agent.close());

  test.each(Object.entries(SIGNING_PROVIDERS))(
    "of %s the right ones arrive and the wrong ones do not",
    async (name, provider) => {
      const route = routes.get(name);
      if (route === undefined) throw new Error(`there is no route of ${name}`);
      const body = "Body=Hello&From=%2B12349013030";
      const suffix = provider.suffix?.(body) ?? "";
      const shown = await server.must("GET", `/v1/buckets/${route.bucketId}/inputs/${route.inputId}`);
      const url = `${provider.verification.url ?? shown.url}${suffix}`;
      const fields = Object.entries(await provider.fields({ secret: key, body, url, nowMs: Date.now() }));
      const send = (text: string) =>
        sendRaw(Number(new URL(server.at.http).port), route.path, {
          method: "POST",
          target: suffix,
          fields,
          body: Buffer.from(text),
        });
      const before = destination.requests.length;
      expect(await send(body.replace("Hello", "Jello"))).toBe(401);
      expect(await send(body)).toBe(200);
      const arrived = await waitFor("the webhook to arrive", () => destination.requests[before]);
      expect(arrived.body.toString()).toBe(body);
      for (const [field, value] of fields) expect(fieldValues(arrived, field)).toEqual([value]);
    },
  );
});

/** Sends a webhook and resolves with what arrived of it. */
async function relayed(
  route: Route,
  body: string,
  fields: readonly (readonly [string, string])[],
): Promise<RawRequest> {
  const before = destination.requests.length;
  const webhook = { method: "POST", target: "", fields, body: Buffer.from(body) };
  expect(await sendRaw(Number(new URL(server.at.http).port), route.path, webhook)).toBe(200);
  return waitFor("the webhook to arrive", () => destination.requests[before]);
}

function accepted(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
