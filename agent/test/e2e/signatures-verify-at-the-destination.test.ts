import { randomBytes } from "node:crypto";
import { sign, verify } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
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
