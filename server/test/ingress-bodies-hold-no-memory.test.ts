import { afterAll, beforeAll, expect, test } from "vitest";
import { RawConnection, rawRequest } from "./support/raw-http.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const MIB = 1024 * 1024;

let server: TestServer;
let route: Route;

beforeAll(async () => {
  server = await runServer({ env: { INGEST_MEMORY: "4MiB", MAX_BODY_BYTES: "2MiB" } });
  route = await server.route();
});
afterAll(() => server.close());

const post = (bytes: number) =>
  rawRequest(
    server.at.http,
    `POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${bytes}\r\n\r\n${"x".repeat(bytes)}`,
  );

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.at.status}/metrics`)).text();
  return Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
}

test("threat: a body in pieces of one byte fills memory that nobody counts", async () => {
  await post(1_000);
  const before = await metric("process_resident_memory_bytes");
  const connection = new RawConnection(server.at.http);
  connection.write(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const pieces = "1\r\nx\r\n".repeat(10_000);
  for (let i = 0; i < 180; i += 1) {
    connection.write(pieces);
    await waitFor("the server to read on", () => connection.socket.writableLength < MIB);
  }
  await waitFor("the server to read all", () => connection.socket.writableLength === 0);
  // Kept as they come, 1.8 million pieces take more than 400 MiB.
  const grown = (await metric("process_resident_memory_bytes")) - before;
  expect(grown).toBeLessThan(150 * MIB);
  connection.write("0\r\n\r\n");
  expect((await connection.response()).status).toBe(200);
  connection.destroy();
});

test("threat: strangers hold the memory with bodies that they never finish, and whole webhooks get 503", async () => {
  const holders = Array.from({ length: 40 }, (_, i) => {
    const connection = new RawConnection(server.at.http);
    // Known and unknown inputs, with and without a length.
    const path = i % 2 === 0 ? route.path : "/v1/webhooks/unknown";
    const piece = "x".repeat(130_000);
    const body =
      i % 4 < 2
        ? `Content-Length: 140000\r\n\r\n${piece}`
        : `Transfer-Encoding: chunked\r\n\r\n${piece.length.toString(16)}\r\n${piece}\r\n`;
    connection.write(`POST ${path} HTTP/1.1\r\nHost: h\r\n${body}`);
    return connection;
  });
  const sent = performance.now();
  await waitFor("what they hold", () => holders.every(({ socket }) => socket.writableLength === 0));
  for (let i = 0; i < 20; i += 1) expect((await post(1_000_000)).status).toBe(200);
  // Some had to make room at once; the others go when they have been too slow for ten seconds.
  const statuses = await Promise.all(holders.map((holder) => holder.response().then(({ status }) => status)));
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThanOrEqual(20);
  expect(statuses.filter((status) => status === 408).length).toBeGreaterThanOrEqual(1);
  expect(new Set(statuses)).toEqual(new Set([503, 408]));
  expect(performance.now() - sent).toBeLessThan(20_000);
  for (const holder of holders) holder.destroy();
  expect((await post(2 * MIB)).status).toBe(200);
});
