import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawConnection, rawRequest } from "./support/raw-http.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const USER = "sender";
const PASSWORD = "a long enough password";
const TOKEN = "a long enough bucket token";

/** Of the median times of known and unknown inputs. */
const LEAST_RATIO = 0.7;

let server: TestServer;
let open: Route;
let basic: Route;
let token: Route;

beforeAll(async () => {
  server = await runServer({ env: { INGEST_RATE_PER_BUCKET: "200", INGEST_BURST_PER_BUCKET: "1000" } });
  open = await server.route();
  basic = await server.route({ bucket: { auth: { type: "basic", username: USER, password: PASSWORD } } });
  token = await server.route({ bucket: { auth: { type: "token", token: TOKEN } } });
});
afterAll(() => server.close());

const basicHeader = (user: string, password: string) =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString("base64")}\r\n`;
const unknownPath = () => `/v1/webhooks/${randomUUID()}`;

async function post(path: string, headers = "", body = "hi", method = "POST") {
  const connection = new RawConnection(server.at.http);
  connection.write(`${method} ${path} HTTP/1.1\r\nHost: h\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`);
  try {
    return await connection.response({ headOnly: method === "HEAD" });
  } finally {
    connection.destroy();
  }
}

/** Everything a stranger sees but the time. */
function visible({ status, head, body }: Awaited<ReturnType<typeof post>>): unknown {
  return { status, body, head: head.filter((line) => !line.startsWith("Date: ")) };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

test("known and unknown inputs answer alike: status, header names and values in their order, body", async () => {
  for (const [method, body] of [
    ["POST", "hi"],
    ["POST", ""],
    ["GET", ""],
    ["PUT", "x".repeat(100_000)],
    ["DELETE", ""],
    ["HEAD", ""],
    ["OPTIONS", ""],
  ] as const) {
    for (const suffix of ["", "/a/b?c=d", "?"]) {
      const known = await post(open.path + suffix, "", body, method);
      const unknown = await post(unknownPath() + suffix, "", body, method);
      const malformed = await post(`/v1/webhooks/not-an-id${suffix}`, "", body, method);
      expect(visible(unknown)).toEqual(visible(known));
      expect(visible(malformed)).toEqual(visible(known));
      expect(known).toMatchObject({ status: 200, body: "" });
    }
  }
});

test("the answer names neither the product nor its parts", async () => {
  const { head } = await post(open.path);
  expect(head.map((line) => line.split(":")[0]?.toLowerCase()).sort()).toEqual([
    "connection",
    "content-length",
    "date",
    "keep-alive",
  ]);
});

test("credentials make no difference to an unknown input or one that asks for none", async () => {
  const plain = visible(await post(open.path));
  for (const path of [open.path, unknownPath()]) {
    for (const headers of [basicHeader(USER, PASSWORD), "Authorization: Bearer x\r\n", "Authorization: nonsense\r\n"]) {
      expect(visible(await post(path, headers))).toEqual(plain);
    }
  }
});

test("threat: telling known inputs from unknown ones by the time of the answer", async () => {
  // Without the low rates of the other tests.
  const quick = await runServer();
  try {
    const { path } = await quick.route();
    const connection = new RawConnection(quick.at.http);
    const times: { known: number[]; unknown: number[] } = { known: [], unknown: [] };
    const take = async (kind: "known" | "unknown") => {
      const target = kind === "known" ? path : unknownPath();
      const started = performance.now();
      connection.write(`POST ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n${"x".repeat(1_000)}`);
      expect((await connection.response()).status).toBe(200);
      times[kind].push(performance.now() - started);
    };
    const pairs = async (count: number) => {
      for (let i = 0; i < count; i += 1) {
        // Each comes first in half of the pairs.
        await take(i % 2 === 0 ? "known" : "unknown");
        await take(i % 2 === 0 ? "unknown" : "known");
      }
    };
    // To warm up.
    await pairs(200);
    times.known.length = 0;
    times.unknown.length = 0;
    let ratio = 0;
    // A busy machine is no difference: it takes more pairs to see through it.
    for (let round = 0; round < 5 && !(ratio > LEAST_RATIO && ratio < 1 / LEAST_RATIO); round += 1) {
      await pairs(1_000);
      ratio = median(times.known) / median(times.unknown);
    }
    connection.destroy();
    expect(ratio).toBeGreaterThan(LEAST_RATIO);
    expect(ratio).toBeLessThan(1 / LEAST_RATIO);
  } finally {
    await quick.close();
  }
});

test("Basic: the right pair is taken; none, a wrong one, another scheme and broken ones are 401, and nothing is stored", async () => {
  const stored = async () =>
    (await server.database.pool.query("SELECT count(*)::int AS n FROM webhooks WHERE input_id = $1", [basic.inputId]))
      .rows[0].n;
  const wrong = [
    "",
    basicHeader(USER, "wrong password"),
    basicHeader("someone", PASSWORD),
    basicHeader(USER, ""),
    `Authorization: Bearer ${PASSWORD}\r\n`,
    "Authorization: Basic !!!\r\n",
    "Authorization: Basic\r\n",
    basicHeader(USER, PASSWORD.padEnd(80, "x")),
  ];
  const answers = [];
  for (const headers of wrong) answers.push(visible(await post(basic.path, headers)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({
    status: 401,
    head: expect.arrayContaining([expect.stringMatching(/^www-authenticate: Basic realm=/i)]),
  });
  expect(await stored()).toBe(0);
  expect((await post(basic.path, basicHeader(USER, PASSWORD))).status).toBe(200);
  expect((await post(basic.path, basicHeader(USER, PASSWORD))).status).toBe(200);
  expect(await stored()).toBe(2);
});

test("token: the right one is taken, a wrong one is 401", async () => {
  expect((await post(token.path, `Authorization: Bearer ${TOKEN}\r\n`)).status).toBe(200);
  expect((await post(token.path, `authorization: bearer ${TOKEN}\r\n`)).status).toBe(200);
  for (const headers of ["", "Authorization: Bearer wrong\r\n", basicHeader("", TOKEN)]) {
    expect((await post(token.path, headers)).status).toBe(401);
  }
});

test("a wrong user name costs as much time as a wrong password", async () => {
  const times: { name: number[]; password: number[] } = { name: [], password: [] };
  for (let i = 0; i < 7; i += 1) {
    // A bucket of its own: wrong ones are counted, and soon refused without a check.
    const route = await server.route({ bucket: { auth: { type: "basic", username: USER, password: PASSWORD } } });
    for (const kind of ["name", "password"] as const) {
      // Never the same twice: refusals are remembered for a while.
      const header = kind === "name" ? basicHeader(`user ${i}`, PASSWORD) : basicHeader(USER, `password ${i}`);
      const started = performance.now();
      expect((await post(route.path, header)).status).toBe(401);
      times[kind].push(performance.now() - started);
    }
  }
  const ratio = median(times.name) / median(times.password);
  expect(ratio).toBeGreaterThan(0.4);
  expect(ratio).toBeLessThan(2.5);
  expect(median(times.name)).toBeGreaterThan(15);
});

test("a changed password counts at once", async () => {
  const changed = await server.route({ bucket: { auth: { type: "basic", username: USER, password: PASSWORD } } });
  expect((await post(changed.path, basicHeader(USER, PASSWORD))).status).toBe(200);
  await server.must("PUT", `/v1/buckets/${changed.bucketId}`, {
    auth: { type: "basic", username: USER, password: "another good password" },
  });
  expect((await post(changed.path, basicHeader(USER, PASSWORD))).status).toBe(401);
  expect((await post(changed.path, basicHeader(USER, "another good password"))).status).toBe(200);
});

test("an input answers what it was told to, to every method", async () => {
  const answering = await server.route({
    input: {
      status_code: 202,
      headers: { "Content-Type": ["text/plain; charset=utf-8"], "X-Many": ["1", "2"] },
      body: "thänks\n",
    },
  });
  const answer = await post(answering.path);
  expect(answer.status).toBe(202);
  expect(Buffer.from(answer.body, "latin1").toString()).toBe("thänks\n");
  expect(answer.head.filter((line) => /^x-many/i.test(line))).toEqual(["X-Many: 1", "X-Many: 2"]);
  const head = await post(answering.path, "", "", "HEAD");
  expect([head.status, head.body]).toEqual([202, ""]);
});

test("an answer that may have no body has none, and the connection goes on", async () => {
  for (const status_code of [204, 304]) {
    const silent = await server.route({ input: { status_code, body: "not allowed here" } });
    const connection = new RawConnection(server.at.http);
    for (let i = 0; i < 2; i += 1) {
      connection.write(`POST ${silent.path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`);
      expect((await connection.response()).status).toBe(status_code);
    }
    connection.destroy();
  }
});

test("a deleted input is a stranger again", async () => {
  const gone = await server.route();
  await server.must("DELETE", `/v1/buckets/${gone.bucketId}/inputs/${gone.inputId}`);
  expect(visible(await post(gone.path))).toEqual(visible(await post(open.path)));
  const { rows } = await server.database.pool.query("SELECT count(*)::int AS n FROM webhooks WHERE input_id = $1", [
    gone.inputId,
  ]);
  expect(rows[0].n).toBe(0);
});

test("too many are refused with 429 and Retry-After, strangers too; another bucket is not; later ones pass", async () => {
  const busy = await server.route();
  const flood = async (path: string) => {
    const connection = new RawConnection(server.at.http);
    const one = `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`;
    let refused: Awaited<ReturnType<typeof post>> | undefined;
    for (let i = 0; i < 20 && refused === undefined; i += 1) {
      connection.write(one.repeat(100));
      for (let n = 0; n < 100 && refused === undefined; n += 1) {
        const answer = await connection.response();
        if (answer.status !== 200) refused = answer;
      }
    }
    connection.destroy();
    return refused;
  };
  const refused = await flood(busy.path);
  expect(refused?.status).toBe(429);
  expect(refused?.head.find((line) => /^retry-after: [1-9]/i.test(line))).toBeDefined();
  const stranger = await flood(unknownPath());
  expect(stranger === undefined ? "never refused" : visible(stranger)).toEqual(
    refused === undefined ? "" : visible(refused),
  );
  expect(
    (await rawRequest(server.at.http, `POST ${open.path} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`)).status,
  ).toBe(200);
  await waitFor("a place", async () => (await post(busy.path)).status === 200);
});
