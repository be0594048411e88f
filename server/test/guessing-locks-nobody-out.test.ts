import { request } from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession } from "./support/link-client.js";
import { RawConnection } from "./support/raw-http.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";

const PASSWORD = "a long enough password";
const auth = { type: "basic", username: "sender", password: PASSWORD };

let server: TestServer;
let attacked: Route;
let other: Route;

beforeAll(async () => {
  server = await runServer();
  attacked = await server.route({ bucket: { auth } });
  other = await server.route({ bucket: { auth } });
});
afterAll(() => server.close());

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

async function post(path: string, password: string, from: string) {
  const connection = new RawConnection(server.at.http, from);
  try {
    connection.write(
      `POST ${path} HTTP/1.1\r\nHost: h\r\nAuthorization: ${basic("sender", password)}\r\nContent-Length: 2\r\n\r\nhi`,
    );
    return await connection.response();
  } finally {
    connection.destroy();
  }
}

/** Guesses from each address without a pause, until it is stopped. Resolves when guesses have been answered. */
async function flood(addresses: readonly string[]) {
  let stopped = false;
  let guess = 0;
  const seen = new Map<number, number>();
  let started: () => void = () => undefined;
  const running = new Promise<void>((resolve) => {
    started = resolve;
  });
  const senders = addresses.map(async (address) => {
    while (!stopped) {
      guess += 1;
      const { status, head } = await post(attacked.path, `guess ${guess}`, address);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      if (status === 429) expect(head.find((line) => /^retry-after: [1-9]/i.test(line))).toBeDefined();
      if (guess > 2 * addresses.length) started();
    }
  });
  await running;
  return {
    seen,
    stop: async () => {
      stopped = true;
      await Promise.all(senders);
    },
  };
}

/** Milliseconds that a token never seen before takes to call the API; it must succeed. */
async function login(): Promise<number> {
  const { key, secret } = await server.token();
  const started = performance.now();
  const answer = await fetch(`${server.at.http}/v1/buckets`, { headers: { authorization: basic(key, secret) } });
  expect(answer.status).toBe(200);
  return performance.now() - started;
}

async function agentLogin(): Promise<number> {
  const token = await server.token();
  const started = performance.now();
  const agent = await openSession(server, "grpc", token);
  agent.destroy();
  return performance.now() - started;
}

test("threat: wrong credentials from one address lock out administrators, agents and rightful senders", async () => {
  const guessing = await flood(Array.from({ length: 300 }, () => "127.0.0.1"));
  try {
    expect(await login()).toBeLessThan(2_000);
    expect(await agentLogin()).toBeLessThan(2_000);
    // Not verified before: these must get their checks, too.
    expect((await post(attacked.path, PASSWORD, "127.0.0.2")).status).toBe(200);
    expect((await post(other.path, PASSWORD, "127.0.0.1")).status).toBe(200);
  } finally {
    await guessing.stop();
  }
  expect(guessing.seen.get(429)).toBeGreaterThan(100);
  expect(guessing.seen.get(401)).toBeLessThanOrEqual(20);
  expect(guessing.seen.get(503) ?? 0).toBe(0);
});

test("threat: wrong credentials from hundreds of addresses lock out administrators, agents and other buckets", async () => {
  // A sender that was right before passes all the while.
  expect((await post(attacked.path, PASSWORD, "127.0.0.3")).status).toBe(200);
  const guessing = await flood(
    Array.from({ length: 400 }, (_, i) => `127.0.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`),
  );
  try {
    expect(await login()).toBeLessThan(2_000);
    expect(await agentLogin()).toBeLessThan(2_000);
    const fresh = await server.route({ bucket: { auth } });
    expect((await post(fresh.path, PASSWORD, "127.0.0.3")).status).toBe(200);
    expect((await post(attacked.path, PASSWORD, "127.0.0.3")).status).toBe(200);
  } finally {
    await guessing.stop();
  }
});

test("threat: guessing on while refused; the right password among the guesses does not pass", async () => {
  const route = await server.route({ bucket: { auth } });
  expect((await post(route.path, PASSWORD, "127.0.0.4")).status).toBe(200);
  for (let i = 0; i < 10; i += 1) expect((await post(route.path, `guess ${i}`, "127.0.0.5")).status).toBe(401);
  expect((await post(route.path, PASSWORD, "127.0.0.5")).status).toBe(429);
  // Neither does the guessing of others shut out who was right before, from the same address.
  for (let i = 0; i < 11; i += 1) await post(route.path, `other guess ${i}`, "127.0.0.4");
  expect((await post(route.path, "one more", "127.0.0.4")).status).toBe(429);
  expect((await post(route.path, PASSWORD, "127.0.0.4")).status).toBe(200);
});

test("threat: a second port as a second budget for guesses at a token", async () => {
  const { key } = await server.token();
  const ca = await server.certificate;
  const overHttp = async (secret: string) =>
    (await fetch(`${server.at.http}/v1/buckets`, { headers: { authorization: basic(key, secret) } })).status;
  const overHttps = (secret: string) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: basic(key, secret) };
      request(`${server.at.https}/v1/buckets`, { ca, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
  for (let i = 0; i < 5; i += 1) {
    expect(await overHttp(`over http ${i}`)).toBe(401);
    expect(await overHttps(`over https ${i}`)).toBe(401);
  }
  expect(await overHttp("another over http")).toBe(429);
  expect(await overHttps("another over https")).toBe(429);
});
