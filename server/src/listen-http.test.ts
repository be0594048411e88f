import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import type { Ingress } from "./ingress/ingress.js";
import { type HttpListener, listenHttp } from "./listen-http.js";

const OFFER = "Connection: Upgrade\r\nUpgrade: h2c\r\n";

let listener: HttpListener;
afterEach(() => listener.close());

/** A listener whose webhooks are answered when the test says so, and a connection to it. */
async function setUp() {
  const requests: { request: IncomingMessage; response: ServerResponse }[] = [];
  const watchers: (() => void)[] = [];
  const ingress = {
    receive(request: IncomingMessage, response: ServerResponse) {
      request.resume().on("end", () => {
        requests.push({ request, response });
        for (const look of watchers.splice(0)) look();
      });
    },
  };
  listener = await listenHttp({
    address: "127.0.0.1",
    port: 0,
    tls: undefined,
    maxHeaderBytes: 8_192,
    trustedProxies: [],
    ingress: ingress as unknown as Ingress,
    logger: pino({ level: "silent" }),
    upgrade: { isForAgents: () => false, upgrade: () => undefined },
    register: () => undefined,
  });
  const socket = connect(listener.port, "127.0.0.1");
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes.toString("latin1");
  });
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(received)));
  const firstRead = new Promise<void>((resolve) => watchers.push(resolve));
  return { socket, requests, closed, firstRead };
}

const post = (path: string, fields = "") =>
  `POST /v1/webhooks/${path} HTTP/1.1\r\nHost: h\r\n${fields}Content-Length: 2\r\n\r\nhi`;

test.each([
  ["a request", post("stray")],
  ["an offer", post("stray", OFFER)],
  ["the rest of one that has lost its beginning", "2\r\n\r\nhi"],
  ["a request that turns out malformed", post("stray", "Transfer-Encoding: chunked\r\n").replace(/Content.*\r\n/, "")],
])(
  "threat: behind an offer that was not taken comes %s: it is not handled, and the answer leaves",
  async (_name, stray) => {
    const { socket, requests, closed, firstRead } = await setUp();
    socket.write(post("first", OFFER));
    await firstRead;
    // The server reads what comes now while the answer is still out.
    const connections = requests[0]?.request.socket;
    const before = connections?.bytesRead ?? 0;
    socket.write(stray);
    while ((connections?.bytesRead ?? 0) === before) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    requests[0]?.response.end("answer");
    const received = await closed;
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*answer$/);
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(requests).toHaveLength(1);
  },
);

test("what is no request is refused without a word about who refuses", async () => {
  const { socket, closed } = await setUp();
  socket.write("POST /v1/webhooks/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n");
  expect(await closed).toBe("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
});
