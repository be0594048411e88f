import { createHash, randomBytes } from "node:crypto";
import { METHODS, request } from "node:http";
import { request as httpsRequest } from "node:https";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeHeaderBlock, type WebhookRequest } from "../src/wire/index.js";
import { type LinkClient, openSession } from "./support/link-client.js";
import { RawConnection, rawRequest } from "./support/raw-http.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { webhooksOf } from "./support/webhooks-of.js";

let server: TestServer;
let route: Route;
let agent: LinkClient;
/** The next webhook that the agent gets. */
let arrived: () => Promise<WebhookRequest>;

beforeAll(async () => {
  server = await runServer();
  route = await server.route();
  agent = await openSession(server, "grpc", await server.token(), { window: 1_000, windowBytes: 64 * 1024 * 1024 });
  agent.acknowledgeAll = true;
  agent.answerPings = true;
  arrived = webhooksOf(agent);
});
afterAll(() => server.close());

/** Sends a head as it is and a body behind it; expects 200. */
async function sent(head: string, body: string | Uint8Array = ""): Promise<WebhookRequest> {
  const bytes = typeof body === "string" ? Buffer.from(body, "latin1") : body;
  const answer = await rawRequest(server.at.http, Buffer.concat([Buffer.from(head, "latin1"), bytes]));
  expect(answer.status).toBe(200);
  return arrived();
}

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("every method arrives, with and without a body", async () => {
  const methods = METHODS.filter((method) => method !== "CONNECT");
  for (const method of methods) {
    for (const body of ["", "a body"]) {
      const connection = new RawConnection(server.at.http);
      connection.write(`${method} ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      const { status } = await connection.response({ headOnly: method === "HEAD" });
      connection.destroy();
      expect([method, status]).toEqual([method, 200]);
      const webhook = await arrived();
      expect([webhook.method, Buffer.from(webhook.body).toString()]).toEqual([method, body]);
    }
  }
});

test("paths and queries arrive as they were written: nothing is decoded, joined or cleaned", async () => {
  const cases: [target: string, path: string, query: string, hasQuery: boolean][] = [
    ["", "", "", false],
    ["/", "/", "", false],
    ["?", "", "", true],
    ["/?", "/", "", true],
    ["//", "//", "", false],
    ["/a//b/../c/./d", "/a//b/../c/./d", "", false],
    ["/%zz/%2F/%00/%C3%A9%", "/%zz/%2F/%00/%C3%A9%", "", false],
    ["?a", "", "a", true],
    ["?a=&b&&c=1=2&a=%zz+%20", "", "a=&b&&c=1=2&a=%zz+%20", true],
    ["/x?y?z/w", "/x", "y?z/w", true],
    ["?/not/a/path", "", "/not/a/path", true],
    [`/${"long/".repeat(1_000)}`, `/${"long/".repeat(1_000)}`, "", false],
  ];
  for (const [target, path, query, hasQuery] of cases) {
    const webhook = await sent(`POST ${route.path}${target} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`);
    expect([webhook.path, webhook.query, webhook.hasQuery]).toEqual([path, query, hasQuery]);
  }
});

test("a target with a scheme and a host is the same input", async () => {
  const webhook = await sent(
    `POST http://hooks.example.com${route.path}/a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`,
  );
  expect([webhook.path, webhook.query]).toEqual(["/a", "b"]);
});

test("header fields keep order, case, repetition, odd bytes and empty values", async () => {
  const fields = [
    ["HOST", "hooks.example.com"],
    ["x-b", "2"],
    ["X-A", "1"],
    ["x-b", "1"],
    ["X-Empty", ""],
    ["X-Latin", "caf\u00e9 \u00ff"],
    ["X-Inner", "a  b\tc"],
    ["set-cookie", "a=1"],
    ["Set-Cookie", "b=2"],
    ["Cookie", "a=1"],
    ["cookie", "b=2"],
    ["content-type", "text/plain"],
    ["Content-Type", "application/json"],
    ["CONTENT-length", "0"],
    ["X-Hub-Signature-256", "sha256=abc"],
    ["__proto__", "x"],
  ];
  const head = fields.map(([name, value]) => `${name}: ${value}`).join("\r\n");
  const webhook = await sent(`POST ${route.path} HTTP/1.1\r\n${head}\r\n\r\n`);
  expect(decodeHeaderBlock(webhook.headers)).toEqual(fields.flat());
});

test("three thousand header fields arrive, not the first two thousand", async () => {
  const fields = Array.from({ length: 3_000 }, (_, i) => `a:${i}\r\n`).join("");
  const webhook = await sent(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n${fields}\r\n`);
  expect(decodeHeaderBlock(webhook.headers).length).toBe(2 * 3_002);
});

test("bodies arrive byte for byte, whatever they are", async () => {
  const bodies: [type: string, body: Buffer][] = [
    ["application/json", Buffer.from('{"a":1.0,"a":2,"big":12345678901234567890123,"u":"\\u0000"}')],
    ["application/json", Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ["application/json", Buffer.from("{ not json")],
    ["application/x-www-form-urlencoded", Buffer.from("a=1&a=2&b=%zz+")],
    ["multipart/form-data; boundary=x", Buffer.from("--x\r\n\r\n\0\r\n--x--")],
    ["application/octet-stream", Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
    ["text/plain; charset=utf-16", Buffer.from("\ufeffhi", "utf16le")],
    ["application/octet-stream", randomBytes(3 * 1024 * 1024)],
  ];
  for (const [type, body] of bodies) {
    const webhook = await sent(
      `POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`,
      body,
    );
    expect(sha(webhook.body)).toBe(sha(body));
  }
});

test("a compressed body stays compressed", async () => {
  const body = gzipSync("x".repeat(10_000));
  const webhook = await sent(
    `POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`,
    body,
  );
  expect(sha(webhook.body)).toBe(sha(body));
  expect(decodeHeaderBlock(webhook.headers)).toContain("Content-Encoding");
});

test("a chunked body arrives whole, without its framing, extensions and trailers", async () => {
  const webhook = await sent(
    `POST ${route.path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;ext="x"\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n`,
  );
  expect(Buffer.from(webhook.body).toString()).toBe("hello world");
});

test("Expect: 100-continue is answered before the body", async () => {
  const connection = new RawConnection(server.at.http);
  connection.write(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
  expect((await connection.response()).status).toBe(100);
  connection.write("hi");
  expect((await connection.response()).status).toBe(200);
  connection.destroy();
  expect(Buffer.from((await arrived()).body).toString()).toBe("hi");
});

test("one connection carries request after request, pipelined too, in order", async () => {
  const connection = new RawConnection(server.at.http);
  const one = (n: number) => `POST ${route.path}/${n} HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n${n}`;
  connection.write(one(1) + one(2) + one(3));
  for (let i = 0; i < 3; i += 1) expect((await connection.response()).status).toBe(200);
  connection.write(one(4));
  expect((await connection.response()).status).toBe(200);
  connection.destroy();
  const paths = [await arrived(), await arrived(), await arrived(), await arrived()].map((each) => each.path);
  expect(paths).toEqual(["/1", "/2", "/3", "/4"]);
});

test("an HTTP/1.0 request is taken", async () => {
  const webhook = await sent(`POST ${route.path} HTTP/1.0\r\nContent-Length: 2\r\n\r\nhi`);
  expect(Buffer.from(webhook.body).toString()).toBe("hi");
});

test("a client that offers to upgrade to HTTP/2 in clear text is served as it is", async () => {
  const webhook = await sent(
    `POST ${route.path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: 2\r\n\r\nhi`,
  );
  expect(Buffer.from(webhook.body).toString()).toBe("hi");
});

test("the TLS listener takes webhooks too", async () => {
  const ca = await server.certificate;
  const status = await new Promise((resolve, reject) => {
    const outgoing = httpsRequest(server.at.https + route.path, { method: "POST", ca }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on("error", reject);
    outgoing.end("over TLS");
  });
  expect(status).toBe(200);
  expect(Buffer.from((await arrived()).body).toString()).toBe("over TLS");
});

test("who sent it is noted, and nobody can pretend", async () => {
  const webhook = await sent(
    `POST ${route.path} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 0\r\n\r\n`,
  );
  expect(webhook.remoteAddress).toBe("127.0.0.1");
});

test("a sender that breaks off in the middle of the body leaves no webhook", async () => {
  for (const head of ["Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n64\r\nhalf"]) {
    const connection = new RawConnection(server.at.http);
    connection.write(`POST ${route.path} HTTP/1.1\r\nHost: h\r\n${head}`);
    await new Promise((resolve) => connection.socket.once("connect", resolve));
    connection.socket.end();
    await connection.end();
  }
  // Proof: the next one that arrives is this.
  const webhook = await sent(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nproof`);
  expect(Buffer.from(webhook.body).toString()).toBe("proof");
});

test("requests that two parsers could read in two ways are refused and their connection is closed", async () => {
  const post = `POST ${route.path} HTTP/1.1\r\nHost: h\r\n`;
  const hidden = `POST ${route.path}/smuggled HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`;
  const attacks: Record<string, string> = {
    "Transfer-Encoding and Content-Length": `${post}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    "two lengths": `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345${hidden}`,
    "a list of lengths": `${post}Content-Length: 5, 6\r\n\r\n12345${hidden}`,
    "a signed length": `${post}Content-Length: +5\r\n\r\n12345${hidden}`,
    "a hexadecimal length": `${post}Content-Length: 0x5\r\n\r\n12345${hidden}`,
    "an unknown transfer coding": `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${hidden}`,
    "chunked not last": `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    "a folded header": `${post}X-A: 1\r\n folded\r\nContent-Length: 0\r\n\r\n${hidden}`,
    "a folded Transfer-Encoding": `${post}Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${hidden}`,
    "bare line feeds": `POST ${route.path} HTTP/1.1\nHost: h\nContent-Length: 0\n\n${hidden}`,
    "a space before the colon": `${post}Content-Length : 5\r\n\r\n12345${hidden}`,
    "a NUL in a header": `${post}X-A: a\0b\r\nContent-Length: 0\r\n\r\n${hidden}`,
    "a carriage return in a header": `${post}X-A: a\rb\r\nContent-Length: 0\r\n\r\n${hidden}`,
    "a chunk size that is none": `${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n${hidden}`,
    "a chunk longer than it says": `${post}Transfer-Encoding: chunked\r\n\r\n2\r\nabcdef\r\n0\r\n\r\n${hidden}`,
    "an endless chunk size": `${post}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${hidden}`,
  };
  for (const [name, attack] of Object.entries(attacks)) {
    const connection = new RawConnection(server.at.http);
    connection.write(attack);
    const { status } = await connection.response();
    expect([name, status]).toEqual([name, 400]);
    await connection.end();
    expect([name, connection.received]).toEqual([name, ""]);
  }
  const webhook = await sent(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nproof`);
  expect(Buffer.from(webhook.body).toString()).toBe("proof");
});

test("a client of Node's own keeps its connection over many webhooks", async () => {
  const statuses = await Promise.all(
    Array.from(
      { length: 50 },
      () =>
        new Promise((resolve, reject) => {
          const outgoing = request(server.at.http + route.path, { method: "POST" }, (response) => {
            response.resume().on("end", () => resolve(response.statusCode));
          });
          outgoing.on("error", reject).end("x");
        }),
    ),
  );
  expect(statuses).toEqual(Array(50).fill(200));
  for (let i = 0; i < 50; i += 1) await arrived();
});
