import { request } from "node:http";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openSession } from "./support/link-client.js";
import { RawConnection, rawRequest } from "./support/raw-http.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const MIB = 1024 * 1024;

let server: TestServer;
let route: Route;
let loris: { connection: RawConnection; started: number; timer: NodeJS.Timeout };

beforeAll(async () => {
  server = await runServer({ env: { INGEST_MEMORY: "1MiB", MAX_BODY_BYTES: "512KiB", DRAIN_TIMEOUT: "1s" } });
  route = await server.route();
  // Dripping all the while the other tests run.
  const connection = new RawConnection(server.at.http);
  connection.write(`POST ${route.path} HTTP/1.1\r\nHost: h\r\n`);
  loris = { connection, started: performance.now(), timer: setInterval(() => connection.write("X-A: b\r\n"), 500) };
});
afterAll(async () => {
  clearInterval(loris.timer);
  await server.close();
});

const post = (headers: string, body = "", path = route.path) =>
  rawRequest(server.at.http, `POST ${path} HTTP/1.1\r\nHost: h\r\n${headers}\r\n${body}`);
const header = (head: readonly string[], name: string) =>
  head
    .find((line) => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();
const accepted = async () => (await post("Content-Length: 2\r\n", "hi")).status;

test("a body that says it is too large is refused before it is read", async () => {
  const answer = await post(`Content-Length: ${512 * 1024 + 1}\r\n`);
  expect(answer.status).toBe(413);
  expect(answer.body).toContain("524288");
});

test("exactly the largest body is taken", async () => {
  const size = 512 * 1024;
  expect((await post(`Content-Length: ${size}\r\n`, "x".repeat(size))).status).toBe(200);
});

test("a chunked body is refused as soon as it is too large", async () => {
  const connection = new RawConnection(server.at.http);
  connection.write(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
  // No end: the answer must not wait for it.
  for (let i = 0; i < 33; i += 1) connection.write(chunk);
  expect((await connection.response()).status).toBe(413);
  await connection.end();
  expect(await accepted()).toBe(200);
});

test("a sender that pushes a body that is too large gets to see the answer, not a reset", async () => {
  const body = Buffer.alloc(6 * MIB);
  for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
    for (let i = 0; i < 5; i += 1) {
      const status = await new Promise((resolve) => {
        const outgoing = request(server.at.http + route.path, { method: "POST", headers, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
        outgoing.end(body);
      });
      expect(status).toBe(413);
    }
  }
});

test("a header section that is too large is refused with 431", async () => {
  expect((await post(`X-Large: ${"x".repeat(40_000)}\r\nContent-Length: 0\r\n`)).status).toBe(431);
});

test("an input id that is too long or odd is a stranger like others", async () => {
  for (const id of ["x", "%00", "a".repeat(4_000), "__proto__", "constructor", route.inputId.toUpperCase(), ""]) {
    const answer = await post("Content-Length: 2\r\n", "hi", `/v1/webhooks/${id}`);
    expect([id, answer.status, answer.body]).toEqual([id, 200, ""]);
  }
});

test("unfinished bodies may hold half of the memory: then one is refused with 503 and Retry-After, and the others go on", async () => {
  for (const path of [route.path, "/v1/webhooks/unknown"]) {
    const senders = [0, 1].map(() => new RawConnection(server.at.http));
    for (const sender of senders) {
      sender.write(`POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 524288\r\n\r\n${"x".repeat(524_000)}`);
    }
    const answers = senders.map((sender) => sender.response());
    const refused = await Promise.race(answers.map((answer, i) => answer.then(() => i)));
    const answer = await answers[refused];
    expect(answer?.status).toBe(503);
    expect(Number(header(answer?.head ?? [], "retry-after"))).toBeGreaterThanOrEqual(1);
    senders[1 - refused]?.write("x".repeat(288));
    expect((await answers[1 - refused])?.status).toBe(200);
    for (const sender of senders) sender.destroy();
  }
});

test("a database that refuses the commit: 503 with Retry-After for everybody, nothing stored, and back to work after", async () => {
  const { pool } = server.database;
  const count = async () => (await pool.query("SELECT count(*)::int AS n FROM deliveries")).rows[0].n;
  const before = await count();
  await pool.query("ALTER TABLE webhooks RENAME TO webhooks_away");
  try {
    const answer = await post("Content-Length: 2\r\n", "hi");
    expect(answer.status).toBe(503);
    expect(header(answer.head, "retry-after")).toBe("1");
    expect(answer.body).not.toMatch(/webhooks_away|relation|sql/i);
  } finally {
    await pool.query("ALTER TABLE webhooks_away RENAME TO webhooks");
  }
  expect(await accepted()).toBe(200);
  expect(await count()).toBe(before + 1);
});

test("a database that is away: 503 for known and unknown inputs alike, and the server comes back by itself", async () => {
  const superuser = new pg.Client({ connectionString: inject("superuserUrl") });
  await superuser.connect();
  const name = new URL(server.database.url).pathname.slice(1);
  try {
    await superuser.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
    const shown = [];
    for (const path of [route.path, "/v1/webhooks/unknown"]) {
      const { status, head, body } = await waitFor("503", async () => {
        const answer = await post("Content-Length: 2\r\n", "hi", path);
        return answer.status === 503 && answer;
      });
      shown.push([status, head.filter((line) => !line.startsWith("Date")), body]);
    }
    expect(shown[0]).toEqual(shown[1]);
    await superuser.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await waitFor("a webhook that is taken", async () => (await accepted()) === 200);
    expect(server.logged("server.start-failed")).toEqual([]);
    // The whole way works again: the agent link, hints, claims.
    const agent = await openSession(server, "grpc", await server.token());
    const known = await agent.received(1);
    expect(known.length).toBeGreaterThan(0);
    agent.destroy();
  } finally {
    await superuser.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await superuser.end();
  }
});

test("readiness follows the database and health does not ask it", async () => {
  for (const path of ["/healthz", "/readyz"]) expect((await fetch(server.at.status + path)).status).toBe(200);
  const metrics = await (await fetch(`${server.at.status}/metrics`)).text();
  for (const name of [
    "relay_webhooks_received_total",
    'relay_webhooks_refused_total{status="413"}',
    "relay_agents",
    "relay_queue_age_seconds",
  ]) {
    expect(metrics).toContain(name);
  }
  expect((await fetch(`${server.at.http}/metrics`)).status).not.toBe(200);
});

test("a sender that drips its head is cut off", async () => {
  const answer = await loris.connection.response().catch(() => undefined);
  await loris.connection.end();
  expect(answer?.status ?? 408).toBe(408);
  expect(performance.now() - loris.started).toBeLessThan(25_000);
});

test("a sender that never ends its body holds no graceful stop up, and what was answered is stored", async () => {
  const slow = new RawConnection(server.at.http);
  slow.write(`POST ${route.path} HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf`);
  const before = (await server.database.pool.query("SELECT count(*)::int AS n FROM webhooks")).rows[0].n;
  expect(await accepted()).toBe(200);
  const started = performance.now();
  expect(await server.kill("SIGTERM")).toBe(0);
  expect(performance.now() - started).toBeLessThan(8_000);
  expect((await server.database.pool.query("SELECT count(*)::int AS n FROM webhooks")).rows[0].n).toBe(before + 1);
  slow.destroy();
});
