import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WebhookRequest } from "../src/wire/index.js";
import { type LinkClient, openSession } from "./support/link-client.js";
import { RawConnection, type RawResponse, rawRequest } from "./support/raw-http.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { webhooksOf } from "./support/webhooks-of.js";

/** What curl --http2 and Java's HttpClient send with a request in clear text. */
const H2C = "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";

let server: TestServer;
let route: Route;
let agent: LinkClient;
/** The next webhook that the agent gets. */
let arrived: () => Promise<WebhookRequest>;

beforeAll(async () => {
  // With this switch the plain listener takes WebSockets as well.
  server = await runServer({ env: { AGENT_PLAINTEXT_LOOPBACK: "true" } });
  route = await server.route({ input: { status_code: 202, body: "thanks", headers: { "X-A": ["1"] } } });
  agent = await openSession(server, "websocket", await server.token(), { window: 1_000 });
  agent.acknowledgeAll = true;
  agent.answerPings = true;
  arrived = webhooksOf(agent);
});
afterAll(() => server.close());

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const text = ({ body }: WebhookRequest) => Buffer.from(body).toString();

/** An answer without what is the connection's and the clock's. */
const lasting = ({ status, head, body }: RawResponse) => ({
  status,
  head: head.filter((line) => !/^(connection|keep-alive|date):/i.test(line)),
  body,
});

describe.each(["http", "https"] as const)("over %s", (scheme) => {
  const origin = () => server.at[scheme];
  const post = (fields: string, body: string, path = route.path) =>
    `POST ${path} HTTP/1.1\r\nHost: h\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`;

  test.each([
    ["h2c", H2C],
    ["websocket", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"],
    ["several", "Connection: keep-alive, upgrade\r\nUpgrade: TLS/1.2, h2c\r\n"],
  ])("an offer of %s on a webhook is ignored: the answer is the one without it", async (_name, offer) => {
    const answer = await rawRequest(origin(), post(offer, "hello"));
    expect(text(await arrived())).toBe("hello");
    const plain = await rawRequest(origin(), post("", "hello"));
    expect(text(await arrived())).toBe("hello");
    expect(plain.status).toBe(202);
    expect(lasting(answer)).toEqual(lasting(plain));
  });

  test("the body arrives byte for byte, in one piece, in many, in chunks, and when there is none", async () => {
    const body = randomBytes(300_000);
    const head = (framing: string) =>
      Buffer.from(`PUT ${route.path}/x?y HTTP/1.1\r\nHost: h\r\n${H2C}${framing}\r\n\r\n`);
    const whole = Buffer.concat([head(`Content-Length: ${body.length}`), body]);
    expect((await rawRequest(origin(), whole)).status).toBe(202);
    expect(sha((await arrived()).body)).toBe(sha(body));

    const pieces = new RawConnection(origin());
    for (let at = 0; at < whole.length; at += 7_001) {
      pieces.write(whole.subarray(at, at + 7_001));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await pieces.response()).status).toBe(202);
    const webhook = await arrived();
    expect([webhook.method, webhook.path, webhook.query, sha(webhook.body)]).toEqual(["PUT", "/x", "y", sha(body)]);

    const chunk = (part: Uint8Array) =>
      Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);
    const chunked = [head("Transfer-Encoding: chunked"), chunk(body.subarray(0, 10)), chunk(body.subarray(10))];
    expect((await rawRequest(origin(), Buffer.concat([...chunked, Buffer.from("0\r\n\r\n")]))).status).toBe(202);
    expect(sha((await arrived()).body)).toBe(sha(body));

    for (const method of ["GET", "POST", "DELETE"]) {
      const bare = `${method} ${route.path} HTTP/1.1\r\nHost: h\r\n${H2C}\r\n`;
      expect((await rawRequest(origin(), bare)).status).toBe(202);
      expect((await arrived()).method).toBe(method);
    }
  });

  test("a client that waits for 100-continue with its offer gets it", async () => {
    const connection = new RawConnection(origin());
    connection.write(
      `POST ${route.path} HTTP/1.1\r\nHost: h\r\n${H2C}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
    );
    expect((await connection.response()).status).toBe(100);
    connection.write("hi");
    expect((await connection.response()).status).toBe(202);
    expect(text(await arrived())).toBe("hi");
    connection.destroy();
  });

  test("an offer on a connection that was used before; the answer to it is the last one there, and says so", async () => {
    const connection = new RawConnection(origin());
    connection.write(post("", "first"));
    expect((await connection.response()).head).toContain("Connection: keep-alive");
    connection.write(post(H2C, "second"));
    expect((await connection.response()).head).toContain("Connection: close");
    await connection.end();
    expect([text(await arrived()), text(await arrived())]).toEqual(["first", "second"]);
  });

  test.each([
    ["whole", Number.POSITIVE_INFINITY],
    ["cut in its head", 12],
    ["cut in its body, which is made of requests", 200],
  ])("threat: a request pipelined behind an offer, %s, is neither answered nor taken in pieces", async (_name, cut) => {
    const hidden = post("", post("", "forgery").repeat(20));
    const connection = new RawConnection(origin());
    connection.write(post(H2C, "first") + hidden.slice(0, cut));
    await new Promise((resolve) => setImmediate(resolve));
    connection.write(hidden.slice(cut));
    const answer = await connection.response();
    expect([answer.status, answer.head.includes("Connection: close")]).toEqual([202, true]);
    await connection.end();
    expect(connection.received).toBe("");
    expect(text(await arrived())).toBe("first");
    // What comes later proves that nothing came in between.
    expect((await rawRequest(origin(), post("", "later"))).status).toBe(202);
    expect(text(await arrived())).toBe("later");
  });

  test("a body that is too large is refused with an offer as without", async () => {
    const head = (fields: string) =>
      `POST ${route.path} HTTP/1.1\r\nHost: h\r\n${fields}Content-Length: 99999999\r\n\r\n`;
    const answers = [await rawRequest(origin(), head(H2C)), await rawRequest(origin(), head(""))];
    expect(answers.map(({ status }) => status)).toEqual([413, 413]);
  });

  test("the API and unknown paths answer as ever; so does the agents' path to who offers something else", async () => {
    for (const [path, status] of [
      ["/v1/buckets", 401],
      ["/nowhere", 404],
      ["/v1/agent", 404],
    ] as const) {
      const plain = await rawRequest(origin(), `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
      const offered = await rawRequest(origin(), `GET ${path} HTTP/1.1\r\nHost: h\r\n${H2C}\r\n`);
      expect([path, plain.status]).toEqual([path, status]);
      expect(lasting(offered)).toEqual(lasting(plain));
    }
  });
});
