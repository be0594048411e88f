import { gzipSync } from "node:zlib";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { allowedDestinations } from "../src/destination/guard/allowed-destinations.js";
import { createDestinationGuard } from "../src/destination/guard/destination-guard.js";
import type { PublicDestination } from "../src/public-destination/public-destination.js";
import { createPublicDestinations } from "../src/public-destination/public-destinations.js";
import { MAX_WANTED_RESPONSE_BYTES } from "../src/wire/index.js";
import { type Behaviour, type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { type CallerOptions, publicCaller, publicOutput, publicWebhook } from "./support/public-caller.js";
import { waitFor } from "./support/wait-for.js";

let menu: FaultMenu;
const opened: PublicDestination[] = [];

beforeAll(async () => {
  menu = await startFaultMenu();
});

afterEach(() => {
  for (const destination of opened.splice(0)) destination.close();
});

afterAll(() => menu.close());

function open(output: CallerOptions["output"], options: Partial<CallerOptions> = {}): PublicDestination {
  const destination = publicCaller({ ...options, output });
  opened.push(destination);
  return destination;
}

function header(headers: readonly Buffer[], name: string): string | undefined {
  const at = headers.findIndex((one, index) => index % 2 === 0 && one.toString().toLowerCase() === name);
  return at === -1 ? undefined : headers[at + 1]?.toString();
}

const SECOND = { timeouts: { headers: 1, body: 1, connect: 1, tls: 1, dns: 1 } };

describe("the fault menu", () => {
  test.each<[Behaviour, string]>([
    ["hang-before-headers", "headers-timeout"],
    ["hang-mid-body", "body-timeout"],
    ["slow-drip", "body-timeout"],
    ["reset", "reset"],
    ["reset-mid-body", "reset"],
    ["not-http", "protocol"],
    ["huge-headers", "too-large"],
  ])("%s fails as %s", async (behaviour, errorClass) => {
    const outcome = await open({ destination: menu.url(behaviour), settings: SECOND }).call(publicWebhook());
    expect(outcome).toMatchObject({ kind: "failed", errorClass, durationMs: expect.any(Number) });
    expect(outcome).toHaveProperty("text", expect.stringContaining("127.0.0.1"));
  });

  test("short-body fails, and tells the status that had come", async () => {
    const outcome = await open({ destination: menu.url("short-body") }).call(publicWebhook());
    expect(outcome).toMatchObject({ kind: "failed", status: 200, retryable: true });
    expect(["reset", "protocol"]).toContain((outcome as { errorClass: string }).errorClass);
  });

  test("refuse fails as refused", async () => {
    const outcome = await open({ destination: menu.refusedUrl }).call(publicWebhook());
    expect(outcome).toMatchObject({ kind: "failed", errorClass: "refused", retryable: true, status: 0 });
  });

  test.each<[Behaviour, number]>([
    ["ok", 200],
    ["status-503", 503],
    ["status-404", 404],
    ["long-body", 200],
  ])("%s is answered %i", async (behaviour, status) => {
    const outcome = await open({ destination: menu.url(behaviour) }).call(publicWebhook());
    expect(outcome).toMatchObject({ kind: "answered", status, truncated: false });
  });

  test("a status comes with its fields and its body", async () => {
    const outcome = await open({ destination: menu.url("status-500") }).call(publicWebhook());
    if (outcome.kind !== "answered") throw new Error(outcome.text);
    expect(outcome.body.toString()).toBe("status 500");
    expect(header(outcome.headers, "content-type")).toBe("text/plain");
  });

  test("Retry-After comes as it was sent", async () => {
    for (const [behaviour, value] of [
      ["retry-after-seconds", /^7$/],
      ["retry-after-date", / GMT$/],
    ] as const) {
      const outcome = await open({ destination: menu.url(behaviour) }).call(publicWebhook());
      if (outcome.kind !== "answered") throw new Error(outcome.text);
      expect(outcome.status).toBe(429);
      expect(header(outcome.headers, "retry-after")).toMatch(value);
    }
  });

  test("a place changes its behaviour while it is called", async () => {
    const destination = open({ destination: menu.place("changing") });
    expect(await destination.call(publicWebhook())).toMatchObject({ status: 200 });
    menu.become("changing", "status-503");
    expect(await destination.call(publicWebhook())).toMatchObject({ status: 503 });
    menu.become("changing", "reset");
    expect(await destination.call(publicWebhook())).toMatchObject({ kind: "failed", errorClass: "reset" });
    menu.become("changing", "ok");
    expect(await destination.call(publicWebhook())).toMatchObject({ status: 200 });
    expect(menu.count("changing")).toBe(4);
  });

  test("the time of the whole call ends it in whatever phase it is", async () => {
    for (const [behaviour, errorClass] of [
      ["hang-before-headers", "headers-timeout"],
      ["slow-drip", "body-timeout"],
    ] as const) {
      const output = { destination: menu.url(behaviour), timeoutSeconds: 1 };
      expect(await open(output).call(publicWebhook())).toMatchObject({ kind: "failed", errorClass });
    }
  });

  test("an address that swallows what is sent there fails as connect-timeout or unreachable", async () => {
    // TEST-NET-1 (RFC 5737): routed nowhere.
    const output = { destination: "http://192.0.2.1/", settings: SECOND };
    const outcome = await open(output, { allow: ["192.0.2.0/24"] }).call(publicWebhook());
    expect(["connect-timeout", "unreachable", "refused"]).toContain((outcome as { errorClass: string }).errorClass);
  });
});

describe("a large answer", () => {
  test("is cut to what is kept, and is an answer all the same", async () => {
    const outcome = await open({ destination: menu.url("huge") }).call(publicWebhook());
    if (outcome.kind !== "answered") throw new Error(outcome.text);
    expect(outcome).toMatchObject({ status: 200, truncated: true });
    expect(outcome.body.length).toBe(64 * 1024);
  });

  test("more of it is kept for a sender who waits", async () => {
    const outcome = await open({ destination: menu.url("huge") }).call(publicWebhook(), MAX_WANTED_RESPONSE_BYTES);
    if (outcome.kind !== "answered") throw new Error(outcome.text);
    expect(outcome.body.length).toBe(1024 * 1024);
  });
});

describe("TLS", () => {
  const ca = () => ({ tls: { ca: menu.authority.cert } });

  test.each(["expired", "self-signed", "wrong-name"] as const)(
    "threat: %s is refused where certificates are checked",
    async (kind) => {
      const before = menu.requests.length;
      const output = { destination: menu.tlsUrl(kind), tlsVerification: true, settings: ca() };
      const outcome = await open(output).call(publicWebhook());
      expect(outcome).toMatchObject({ kind: "failed", errorClass: "tls" });
      expect(menu.requests.length).toBe(before);
    },
  );

  test("threat: an authority that the output does not name is not trusted", async () => {
    const output = { destination: menu.tlsUrl("good"), tlsVerification: true };
    expect(await open(output).call(publicWebhook())).toMatchObject({ kind: "failed", errorClass: "tls" });
  });

  test("the output's own authority is", async () => {
    const output = { destination: menu.tlsUrl("good"), tlsVerification: true, settings: ca() };
    expect(await open(output).call(publicWebhook())).toMatchObject({ kind: "answered", status: 200 });
  });

  test("without a check every certificate will do", async () => {
    for (const kind of ["expired", "self-signed", "wrong-name"] as const) {
      const outcome = await open({ destination: menu.tlsUrl(kind) }).call(publicWebhook());
      expect(outcome).toMatchObject({ kind: "answered", status: 200 });
    }
  });

  test("a server name of the output's own is asked for and expected", async () => {
    const settings = { tls: { ca: menu.authority.cert, server_name: "other.example.test" } };
    const output = { destination: menu.tlsUrl("wrong-name"), tlsVerification: true, settings };
    expect(await open(output).call(publicWebhook())).toMatchObject({ kind: "answered", status: 200 });
    expect(menu.requests.at(-1)?.serverName).toBe("other.example.test");
  });

  test("a client certificate shows who calls; without it the call is not let in", async () => {
    const destination = menu.tlsUrl("wants-client");
    const settings = { tls: { ca: menu.authority.cert, client_certificate: menu.client.cert } };
    const secrets = { "tls.client_key": menu.client.key };
    const outcome = await open({ destination, tlsVerification: true, settings, secrets }).call(publicWebhook());
    expect(outcome).toMatchObject({ kind: "answered", status: 200 });
    expect(menu.requests.at(-1)?.client).toBe("relay.client");
    const refused = await open({ destination, tlsVerification: true, settings: ca() }).call(publicWebhook());
    expect(refused).toMatchObject({ kind: "failed" });
    expect(["tls", "reset"]).toContain((refused as { errorClass: string }).errorClass);
  });

  test("a key that is not the certificate's makes no call", async () => {
    const settings = { tls: { client_certificate: menu.client.cert } };
    const output = { destination: menu.tlsUrl("good"), settings, secrets: { "tls.client_key": menu.authority.key } };
    const outcome = await open(output).call(publicWebhook());
    expect(outcome).toMatchObject({ kind: "failed", errorClass: "invalid", retryable: false });
    expect(JSON.stringify(outcome)).not.toContain("PRIVATE KEY");
  });

  test("a server that speaks no TLS fails as tls, one that says nothing as tls-timeout", async () => {
    const plain = menu.url("ok").replace("http:", "https:");
    expect(await open({ destination: plain }).call(publicWebhook())).toMatchObject({ errorClass: "tls" });
    const { createServer } = await import("node:net");
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as { port: number };
    const output = { destination: `https://127.0.0.1:${port}/`, settings: SECOND };
    expect(await open(output).call(publicWebhook())).toMatchObject({ errorClass: "tls-timeout" });
    mute.close();
  });
});

describe("what arrives", () => {
  test("the body bit for bit, the fields end to end, the delivery and the attempt", async () => {
    const body = gzipSync(Buffer.from([0, 255, 13, 10, 128]));
    const headers = ["X-Multi", "a", "x-multi", "b", "Connection", "X-Hop", "X-Hop", "1", "Content-Encoding", "gzip"];
    const webhook = publicWebhook({
      body,
      headers,
      attempt: 3,
      path: "/extra%2Fpath",
      query: "a=1&a=2",
      hasQuery: true,
    });
    await open({ destination: menu.url("ok") }).call(webhook);
    const got = menu.requests.at(-1);
    expect(got?.body.equals(body)).toBe(true);
    expect(got?.url).toBe("/ok/extra%2Fpath?a=1&a=2");
    expect(got?.rawHeaders.join("|")).toContain("X-Multi|a|x-multi|b|Content-Encoding|gzip");
    expect(got?.headers["x-hop"]).toBeUndefined();
    expect(got?.headers).toMatchObject({ "x-relay-delivery-id": webhook.deliveryId, "x-relay-attempt": "3" });
  });

  test("places in URL and fields are filled in", async () => {
    const webhook = publicWebhook({
      path: "/p",
      query: "event=a%20b%2Fc&x=1",
      headers: ["X-Event", "push"],
      method: "PUT",
    });
    await open({
      destination: `${menu.url("ok")}/{{ bucket.name }}/{{webhook.query.event}}?id={{webhook.id}}&m={{webhook.method}}`,
      lockPath: true,
      headers: {
        "X-Route": ["{{input.name}} to {{output.name}} by {{webhook.header.X-Event}}", "plain"],
        "X-Try": ["{{delivery.id}}/{{delivery.attempt}}{{webhook.header.absent}}"],
        "X-Path": ["{{webhook.path}}"],
      },
    }).call(webhook);
    const got = menu.requests.at(-1);
    expect(got?.url).toBe(`/ok/shop/a%20b%2Fc?id=${webhook.webhookId}&m=PUT&event=a%20b%2Fc&x=1`);
    expect(got?.headers).toMatchObject({
      "x-route": "plain, orders to crm by push",
      "x-try": `${webhook.deliveryId}/1`,
      "x-path": "/p",
    });
  });

  test("threat: a value with a line break begins no field", async () => {
    const query = `v=${encodeURIComponent("a\r\nX-Evil: 1\r\n\r\n\0é")}`;
    await open({ destination: menu.url("ok"), headers: { "X-V": ["{{webhook.query.v}}"] } }).call(
      publicWebhook({ query }),
    );
    const got = menu.requests.at(-1);
    expect(got?.headers["x-evil"]).toBeUndefined();
    expect(Buffer.from(String(got?.headers["x-v"]), "latin1").toString("utf8")).toBe("a  X-Evil: 1     é");
  });

  test("credentials take the place of what the sender wrote", async () => {
    const sent = publicWebhook({ headers: ["Authorization", "Bearer of the sender", "X-Api-Key", "of the sender"] });
    const cases = [
      [
        { type: "basic", username: "relay" },
        { "authentication.password": "pä:ss" },
        "authorization",
        `Basic ${Buffer.from("relay:pä:ss").toString("base64")}`,
      ],
      [{ type: "bearer" }, { "authentication.token": "t0k3n" }, "authorization", "Bearer t0k3n"],
      [{ type: "header", header: "X-Api-Key" }, { "authentication.token": "k3y" }, "x-api-key", "k3y"],
    ] as const;
    for (const [authentication, secrets, name, value] of cases) {
      await open({ destination: menu.url("ok"), settings: { authentication }, secrets }).call(sent);
      expect(menu.requests.at(-1)?.headers[name]).toBe(value);
    }
  });
});

describe("signing", () => {
  const secret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
  const previous = `whsec_${Buffer.from("fedcba9876543210fedcba9876543210").toString("base64")}`;

  test("Standard Webhooks verify by their own library, under the new and the previous secret", async () => {
    const settings = { signing: { type: "standard-webhooks" } };
    const secrets = { "signing.secret": secret, "signing.previous_secret": previous };
    const webhook = publicWebhook({ headers: ["Webhook-Id", "forged", "webhook-signature", "v1,forged"] });
    const destination = open({ destination: menu.url("ok"), settings, secrets });
    await destination.call(webhook);
    const first = menu.requests.at(-1);
    const fields = first?.headers as Record<string, string>;
    for (const one of [secret, previous])
      expect(new Webhook(one).verify(String(first?.body), fields)).toEqual({ order: 1 });
    expect(fields["webhook-id"]).toBe(webhook.deliveryId);
    expect(fields["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(() => new Webhook(secret).verify(`${first?.body} `, fields)).toThrow();
    await destination.call({ ...webhook, attempt: 2 });
    expect(menu.requests.at(-1)?.headers["webhook-id"]).toBe(webhook.deliveryId);
  });

  test("a keyed hash of the body as GitHub writes it", async () => {
    const { verify } = await import("@octokit/webhooks-methods");
    const settings = { signing: { type: "hmac", header: "X-Hub-Signature-256", prefix: "sha256=" } };
    const secrets = { "signing.secret": "It's a Secret to Everybody" };
    await open({ destination: menu.url("ok"), settings, secrets }).call(publicWebhook());
    const got = menu.requests.at(-1);
    const signature = String(got?.headers["x-hub-signature-256"]);
    expect(await verify("It's a Secret to Everybody", String(got?.body), signature)).toBe(true);
  });

  test("a secret that is gone makes no call", async () => {
    const output = { destination: menu.url("ok"), settings: { signing: { type: "standard-webhooks" } } };
    expect(await open(output).call(publicWebhook())).toMatchObject({ kind: "failed", errorClass: "invalid" });
  });
});

describe("connections", () => {
  test("are used again, one for each call at a time", async () => {
    const destination = open({ destination: menu.url("ok") }, { concurrency: 2 });
    const first = menu.connections().ever;
    await Promise.all(Array.from({ length: 20 }, () => destination.call(publicWebhook())));
    await destination.call(publicWebhook());
    expect(menu.connections().ever - first).toBeLessThanOrEqual(2);
  });

  test("calls beyond the limit wait their turn, in order", async () => {
    const destination = open({ destination: menu.place("busy") }, { concurrency: 1 });
    menu.become("busy", "hang-before-headers");
    const hanging = destination.call(publicWebhook());
    await waitFor("the first call", () => menu.count("busy") === 1);
    const rest = ["1", "2", "3"].map((query) => destination.call(publicWebhook({ query, hasQuery: true })));
    expect([destination.running, destination.waiting]).toEqual([1, 3]);
    destination.close();
    expect(await hanging).toMatchObject({ kind: "failed", errorClass: "cancelled" });
    for (const outcome of await Promise.all(rest)) expect(outcome).toMatchObject({ errorClass: "cancelled" });
    expect(menu.count("busy")).toBe(1);
  });

  test("a hanging destination holds up no other", async () => {
    const hanging = open({ destination: menu.url("hang-before-headers") });
    const calls = Array.from({ length: 10 }, () => hanging.call(publicWebhook()));
    expect(await open({ destination: menu.url("ok") }).call(publicWebhook())).toMatchObject({ status: 200 });
    hanging.close();
    await Promise.all(calls);
  });

  test("outlive a change of the output that does not concern them, and end with one that does", async () => {
    const destinations = createPublicDestinations({
      guard: createDestinationGuard({ allowed: allowedDestinations(["127.0.0.0/8"]) }),
      proxy: null,
      concurrency: 4,
      now: () => performance.now(),
      wallClock: Date.now,
    });
    const output = { id: "one", ...publicOutput({ destination: menu.url("ok") }) };
    const call = async (changed: typeof output) => {
      await destinations.of(changed).call(publicWebhook());
      return menu.requests.at(-1)?.connection;
    };
    const first = await call(output);
    expect(await call({ ...output, headers: { "X-New": ["1"] } })).toBe(first);
    expect(menu.requests.at(-1)?.headers["x-new"]).toBe("1");
    expect(await call({ ...output, timeoutSeconds: 3, settings: { timeouts: { connect: 2 } } })).not.toBe(first);
    destinations.forget("one");
    destinations.close();
    await waitFor("the connections to end", () => menu.connections().open === 0);
  });
});
