import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Outcome, Reason, WebhookRequest } from "../src/wire/index.js";
import { connectLink, hello, type LinkClient, openSession, TRANSPORTS } from "./support/link-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

const HEARTBEAT_MS = 1_000;

let server: TestServer;
let token: { key: string; secret: string };

beforeAll(async () => {
  server = await runServer({ env: { AGENT_HEARTBEAT: "1s", RESUME_WINDOW: "2s" } });
  token = await server.token();
});
afterAll(() => server.close());

async function post(route: Route, body: string | Buffer = "hi"): Promise<void> {
  const response = await fetch(server.at.http + route.path, {
    method: "POST",
    body: new Uint8Array(Buffer.from(body)),
  });
  expect(response.status).toBe(200);
}

const bodies = (agent: LinkClient) =>
  agent.deliveries.map((each) => Buffer.from(WebhookRequest.decode(each.request).body).toString());

async function outcomes(route: Route): Promise<{ status: number; status_code: number; attempt: number }[]> {
  const { rows } = await server.database.pool.query(
    "SELECT status, status_code, attempt FROM outcomes WHERE output_id = $1 ORDER BY id",
    [route.outputId],
  );
  return rows;
}

/** Connects with whatever Hello and returns how the server refuses. */
async function refusal(kind: (typeof TRANSPORTS)[number], fields: Parameters<typeof hello>[0]) {
  const client = connectLink(server, kind);
  client.send(hello(fields));
  const refused = await client.first("refused");
  await client.ended();
  return refused;
}

describe.each(TRANSPORTS)("over %s", (kind) => {
  const open = (route: Route, fields: Parameters<typeof hello>[0] = {}) =>
    openSession(server, kind, token, { agent: `agent-${randomUUID()}`, buckets: [route.bucketId], ...fields });

  test("hello is answered by welcome, outputs, then deliveries; an ack ends each one", async () => {
    const route = await server.route({ output: { lock_path: true, headers: { "X-Env": ["a", "b"] }, timeout: 7 } });
    const agent = await open(route, { outputs: [] });
    const welcome = await agent.first("welcome");
    expect(welcome).toMatchObject({ protocol: 1, heartbeatMs: HEARTBEAT_MS, resumeMs: 2_000 });
    expect(welcome.ticket.length).toBeGreaterThan(32);
    expect(agent.frames.map((frame) => frame.$case).slice(0, 2)).toEqual(["welcome", "outputs"]);
    expect(agent.outputs).toMatchObject([
      { number: 1, id: route.outputId, name: "out", bucketId: route.bucketId, lockPath: true, timeoutSeconds: 7 },
    ]);
    expect(agent.outputs[0]?.headers).toEqual([
      { name: "X-Env", value: "a" },
      { name: "X-Env", value: "b" },
    ]);
    await post(route, "first");
    await post(route, "second");
    const [first, second] = await agent.received(2);
    if (first === undefined || second === undefined) throw new Error("two deliveries expected");
    expect([first.attempt, first.output, second.sequence - first.sequence]).toEqual([1, 1, 1]);
    expect(bodies(agent)).toEqual(["first", "second"]);
    agent.ack(second, { outcome: Outcome.OUTCOME_FAILED, statusCode: 503, tries: 3 });
    agent.ack(first);
    agent.ack(first, { outcome: Outcome.OUTCOME_FAILED });
    await waitFor("two outcomes", async () => (await outcomes(route)).length === 2);
    expect(await outcomes(route)).toEqual([
      { status: 1, status_code: 200, attempt: 1 },
      { status: 2, status_code: 503, attempt: 3 },
    ]);
    agent.send({ $case: "goodbye", value: {} });
    await agent.ended();
  });

  test("an outputs list follows the configuration", async () => {
    const route = await server.route();
    const agent = await open(route);
    await server.must("PUT", `/v1/buckets/${route.bucketId}/outputs/${route.outputId}`, {
      destination: "http://localhost:2/",
    });
    await waitFor("the new destination", () => agent.outputs[0]?.destination === "http://localhost:2/");
    const { id } = await server.must("POST", `/v1/buckets/${route.bucketId}/outputs`, {
      name: "more",
      destination: "http://localhost:3/",
    });
    await waitFor("a second output", () => agent.outputs.length === 2);
    await post(route);
    await agent.received(2);
    await server.must("DELETE", `/v1/buckets/${route.bucketId}/outputs/${id}`);
    await waitFor("one output again", () => agent.outputs.length === 1);
    agent.destroy();
  });

  test("the window holds by count; an ack or a larger window lets more through", async () => {
    const route = await server.route();
    const agent = await open(route, { window: 2 });
    for (let i = 0; i < 6; i += 1) await post(route, `${i}`);
    await agent.received(2);
    // Absence is proved by another output's delivery, which comes later on the same connection.
    const { id } = await server.must("POST", `/v1/buckets/${route.bucketId}/outputs`, {
      name: "proof",
      destination: "http://localhost:3/",
    });
    await waitFor("the second output", () => agent.outputs.length === 2);
    await post(route, "6");
    await waitFor("its delivery", () => agent.deliveries.some((each) => each.output === 2));
    expect(agent.deliveries.filter((each) => each.output === 1)).toHaveLength(2);
    expect(agent.outputs[1]?.id).toBe(id);

    const [first] = agent.deliveries;
    if (first !== undefined) agent.ack(first);
    await waitFor("the third", () => agent.deliveries.filter((each) => each.output === 1).length === 3);
    agent.send({ $case: "window", value: { output: 1, window: 100, windowBytes: 1_000_000 } });
    await waitFor("the rest", () => agent.deliveries.filter((each) => each.output === 1).length === 7);
    expect(bodies(agent).filter((_, i) => agent.deliveries[i]?.output === 1)).toEqual([
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
    ]);
    agent.destroy();
  });

  test("the window holds by bytes", async () => {
    const route = await server.route();
    const agent = await open(route, { windowBytes: 25_000 });
    for (let i = 0; i < 5; i += 1) await post(route, Buffer.alloc(10_000));
    // Two and a half fit; the one that crosses the line is the last.
    await agent.received(3);
    agent.send({ $case: "ping", value: {} });
    await agent.first("pong");
    expect(agent.deliveries).toHaveLength(3);
    for (const delivery of [...agent.deliveries]) agent.ack(delivery);
    await agent.received(5);
    agent.destroy();
  });

  test("a destination that answers nothing blocks no other output", async () => {
    const route = await server.route();
    await server.must("POST", `/v1/buckets/${route.bucketId}/outputs`, {
      name: "quick",
      destination: "http://localhost:3/",
    });
    const agent = await open(route, { window: 1 });
    const quick = agent.outputs.find((each) => each.name === "quick")?.number;
    for (let i = 0; i < 5; i += 1) {
      await post(route, `${i}`);
      const delivery = await waitFor(
        "the quick one",
        () => agent.deliveries.filter((each) => each.output === quick)[i],
      );
      agent.ack(delivery);
    }
    expect(agent.deliveries.filter((each) => each.output !== quick)).toHaveLength(1);
    agent.destroy();
  });

  test("a delivery that was given back comes again, with the next attempt number and the same id", async () => {
    const route = await server.route();
    const agent = await open(route);
    await post(route);
    const [first] = await agent.received(1);
    if (first === undefined) throw new Error("a delivery expected");
    agent.ack(first, { outcome: Outcome.OUTCOME_RETURNED });
    const again = (await agent.received(2))[1];
    expect([again?.attempt, Buffer.from(again?.id ?? []).equals(Buffer.from(first.id))]).toEqual([2, true]);
    agent.destroy();
  });

  test("a retry's number is in the database before it is allowed; the next hand-out goes on behind it", async () => {
    const route = await server.route();
    const agent = await open(route);
    expect((await agent.first("welcome")).recordsTries).toBe(true);
    await post(route);
    const [first] = await agent.received(1);
    const { sequence = 0 } = first ?? {};
    agent.send({ $case: "tries", value: { tries: [{ sequence, attempt: 2 }] } });
    expect(await agent.first("triesAnswer")).toEqual({ recorded: [sequence], refused: [] });
    const { rows } = await server.database.pool.query("SELECT attempt FROM deliveries WHERE output_id = $1", [
      route.outputId,
    ]);
    expect(rows).toEqual([{ attempt: 2 }]);
    agent.destroy();
    const other = await open(route);
    expect((await other.received(1))[0]?.attempt).toBe(3);
    other.destroy();
  });

  test("a retry of a delivery that was finished through the API is refused", async () => {
    const route = await server.route();
    const agent = await open(route);
    await post(route);
    const [first] = await agent.received(1);
    const { sequence = 0, id = new Uint8Array(0) } = first ?? {};
    const hex = Buffer.from(id).toString("hex");
    const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    await server.must("PUT", `/v1/logs/${uuid}`, { status_code: 200 });
    agent.send({ $case: "tries", value: { tries: [{ sequence, attempt: 2 }] } });
    expect(await agent.first("triesAnswer")).toEqual({ recorded: [], refused: [sequence] });
    agent.destroy();
  });

  test("wrong key, wrong secret and revoked tokens are refused alike", async () => {
    const revoked = await server.token();
    await server.must("DELETE", `/v1/tokens/${revoked.key}`);
    const stopped = await server.token();
    await server.must("PUT", `/v1/tokens/${stopped.key}`, { active: false });
    const refusals = [];
    for (const [tokenKey, tokenSecret] of [
      [token.key, "wrong"],
      [randomUUID(), token.secret],
      ["", ""],
      ["' OR 1=1 --", "x"],
      [revoked.key, revoked.secret],
      [stopped.key, stopped.secret],
      [token.key, `${token.secret}${"x".repeat(60)}`],
    ] as const) {
      refusals.push(await refusal(kind, { tokenKey, tokenSecret }));
    }
    for (const each of refusals) expect(each).toEqual(refusals[0]);
    expect(refusals[0]).toMatchObject({ reason: Reason.REASON_UNAUTHORIZED, minProtocol: 1, maxProtocol: 1 });
  });

  test("an agent of another protocol version is told which versions meet", async () => {
    for (const protocol of [0, 2, 4_000_000_000]) {
      const refused = await refusal(kind, { tokenKey: token.key, tokenSecret: token.secret, protocol });
      expect(refused).toMatchObject({ reason: Reason.REASON_VERSION, minProtocol: 1, maxProtocol: 1 });
      expect(refused.message).toContain("update");
    }
  });

  test("a Hello that makes no sense is a protocol error, not a reason to try again", async () => {
    const good = { tokenKey: token.key, tokenSecret: token.secret };
    for (const bad of [
      { agent: "" },
      { agent: "x".repeat(201) },
      { agent: "a\0b" },
      { window: 0 },
      { windowBytes: 0 },
    ]) {
      expect([bad, (await refusal(kind, { ...good, ...bad })).reason]).toEqual([bad, Reason.REASON_PROTOCOL]);
    }
  });

  test("garbage, a frame out of turn and a frame that is far too large end the connection and nothing else", async () => {
    const route = await server.route();
    const healthy = await open(route);
    const garbage = connectLink(server, kind);
    garbage.sendBytes(Uint8Array.of(0x0a, 0xff, 0xff));
    const early = connectLink(server, kind);
    early.send({ $case: "ping", value: {} });
    const huge = connectLink(server, kind);
    huge.sendBytes(new Uint8Array(16 * 1024 * 1024));
    for (const each of [garbage, early, huge]) await each.ended();
    for (const each of [garbage, early]) expect(each.all("refused")[0]?.reason).toBe(Reason.REASON_PROTOCOL);
    await post(route);
    await healthy.received(1);
    healthy.destroy();
  });

  test("buckets by id or name; those a token may not see are named as unknown, and nothing of them is told", async () => {
    const mine = await server.route();
    const other = await server.route();
    const scoped = await server.token({ scopes: { buckets: [mine.bucketId], tunnels: [] } });
    const { name } = await server.must("GET", `/v1/buckets/${mine.bucketId}`);
    const agent = await openSession(server, kind, scoped, {
      agent: randomUUID(),
      buckets: [name, mine.bucketId, other.bucketId, "nonsense"],
    });
    expect(agent.outputs.map((each) => each.id)).toEqual([mine.outputId]);
    expect([...(agent.all("outputs")[0]?.unknownBuckets ?? [])].sort()).toEqual([other.bucketId, "nonsense"].sort());
    const all = await openSession(server, kind, scoped, { agent: randomUUID() });
    expect(all.outputs.map((each) => each.id)).toEqual([mine.outputId]);
    agent.destroy();
    all.destroy();
  });

  test("a ticket opens a session without the secret; a forged one, one of another token and one after a revocation do not", async () => {
    const route = await server.route();
    const own = await server.token();
    const first = await openSession(server, kind, own, { agent: "ticketed", buckets: [route.bucketId] });
    const { ticket } = await first.first("welcome");
    first.destroy();
    const again = await openSession(server, kind, { key: own.key, secret: "" }, { ticket, agent: "ticketed" });
    expect((await again.first("welcome")).epoch).toBe(2);
    again.destroy();

    const forged = Uint8Array.from(ticket);
    forged[20] = (forged[20] ?? 0) ^ 1;
    for (const wrong of [
      { tokenKey: own.key, ticket: forged },
      { tokenKey: token.key, ticket },
      { tokenKey: own.key, ticket: ticket.subarray(1) },
    ]) {
      expect((await refusal(kind, wrong)).reason).toBe(Reason.REASON_TICKET_EXPIRED);
    }
    await server.must("DELETE", `/v1/tokens/${own.key}`);
    expect((await refusal(kind, { tokenKey: own.key, ticket })).reason).toBe(Reason.REASON_TICKET_EXPIRED);
  });

  test("a second session of the same name fences the first, which is told so, and takes over what it had", async () => {
    const route = await server.route();
    const agent = `fenced-${randomUUID()}`;
    const first = await open(route, { agent, instance: "a" });
    await post(route, "in hand");
    const [delivery] = await first.received(1);
    const second = await open(route, { agent, instance: "b" });
    expect((await first.first("refused")).reason).toBe(Reason.REASON_FENCED);
    await first.ended();
    expect((await second.first("welcome")).epoch).toBe(2);
    // Too late: it is the other's now.
    if (delivery !== undefined) first.ack(delivery);
    await second.received(1);
    expect(bodies(second)).toEqual(["in hand"]);
    expect(second.deliveries[0]?.attempt).toBe(2);
    expect(await outcomes(route)).toEqual([]);
    second.destroy();
  });

  test("a revoked token ends its sessions", async () => {
    const own = await server.token();
    const deleted = await openSession(server, kind, own, { agent: "a" });
    await server.must("DELETE", `/v1/tokens/${own.key}`);
    expect((await deleted.first("refused")).reason).toBe(Reason.REASON_UNAUTHORIZED);
    const other = await server.token();
    const stopped = await openSession(server, kind, other, { agent: "a" });
    await server.must("PUT", `/v1/tokens/${other.key}`, { active: false });
    expect((await stopped.first("refused")).reason).toBe(Reason.REASON_UNAUTHORIZED);
    await Promise.all([deleted.ended(), stopped.ended()]);
  });

  test("an output for one agent: when it dies without a word the other takes over, with nothing lost", async () => {
    const route = await server.route();
    const [dying, other] = await Promise.all([open(route, { window: 5 }), open(route, { window: 5 })]);
    for (let i = 0; i < 8; i += 1) await post(route, `${i}`);
    await waitFor("both at work", () => dying.deliveries.length + other.deliveries.length === 8);
    expect(dying.deliveries.length).toBeGreaterThan(0);
    other.acknowledgeAll = true;
    for (const delivery of other.deliveries) other.ack(delivery);
    dying.destroy();
    await waitFor("all on the other", () => new Set(bodies(other)).size === 8);
    await waitFor("eight outcomes", async () => (await outcomes(route)).length === 8);
    other.destroy();
  });
});

test("an unknown key costs as much time as a wrong secret", async () => {
  const times: { key: number[]; secret: number[] } = { key: [], secret: [] };
  for (let i = 0; i < 5; i += 1) {
    for (const what of ["key", "secret"] as const) {
      const started = performance.now();
      await refusal("websocket", { tokenKey: what === "key" ? randomUUID() : token.key, tokenSecret: `wrong ${i}` });
      times[what].push(performance.now() - started);
    }
  }
  const median = (values: number[]) => [...values].sort((a, b) => a - b)[2] ?? 0;
  const ratio = median(times.key) / median(times.secret);
  expect(ratio).toBeGreaterThan(0.4);
  expect(ratio).toBeLessThan(2.5);
});

test("a half-open peer is noticed by its silence; one that answers pings stays", async () => {
  const route = await server.route();
  const [silent, alive] = await Promise.all(
    ["silent", "alive"].map((agent) =>
      openSession(server, "websocket", token, { agent, buckets: [route.bucketId], window: 1 }),
    ),
  );
  if (silent === undefined || alive === undefined) throw new Error("two agents expected");
  alive.answerPings = true;
  // Cut in the middle: nothing is read, nothing is sent, and no one closes.
  await post(route, "1");
  await post(route, "2");
  await waitFor("one each", () => silent.deliveries.length === 1 && alive.deliveries.length === 1);
  silent.pause();
  const [own] = alive.deliveries;
  if (own !== undefined) alive.ack(own);
  await alive.received(2, 8_000);
  expect(alive.closed).toBeUndefined();
  expect(alive.all("ping").length).toBeGreaterThan(0);
  expect(
    server.logged("agent.disconnected").some((line) => line.agent === "silent" && line.reason === "no sign of life"),
  ).toBe(true);
  alive.destroy();
  silent.destroy();
});

test("a sub-protocol or path that is not ours is refused", async () => {
  const response = await fetch(`${server.at.http}/v1/agent`);
  expect(response.status).toBe(404);
});

test("'each': every known agent gets its own delivery, also one that was away for a moment; each has its own outcome", async () => {
  const route = await server.route({ output: { agents: "each" } });
  const open = (agent: string) => openSession(server, "grpc", token, { agent, buckets: [route.bucketId] });
  const [a, b] = [await open("each-a"), await open("each-b")];
  await waitFor("both known", async () => {
    await post(route, "warm-up");
    return a.deliveries.length > 0 && b.deliveries.length > 0;
  });
  b.destroy();
  await waitFor("b to be away", async () => {
    const { rows } = await server.database.pool.query("SELECT server_id FROM agents WHERE name = 'each-b'");
    return rows[0]?.server_id === null;
  });
  await post(route, "while b is away");
  await waitFor("a's", () => bodies(a).includes("while b is away"));
  const back = await open("each-b");
  await waitFor("b's", () => bodies(back).includes("while b is away"));
  const mine = back.deliveries.find((_, i) => bodies(back)[i] === "while b is away");
  const others = a.deliveries.find((_, i) => bodies(a)[i] === "while b is away");
  expect(Buffer.from(mine?.id ?? []).equals(Buffer.from(others?.id ?? []))).toBe(false);
  if (mine !== undefined) back.ack(mine, { outcome: Outcome.OUTCOME_FAILED, statusCode: 500 });
  if (others !== undefined) a.ack(others);
  await waitFor("both outcomes", async () => {
    const statuses = (await outcomes(route)).map((each) => each.status);
    return statuses.includes(1) && statuses.includes(2);
  });
  a.destroy();
  back.destroy();
});

test("what waited longer than the resume window is stalled and announced as a gap, also what was in hand", async () => {
  const route = await server.route();
  const open = () => openSession(server, "grpc", token, { agent: "gap", buckets: [route.bucketId], window: 1 });
  const first = await open();
  await post(route, "in hand");
  await first.received(1);
  await post(route, "behind the window");
  first.destroy();
  await waitFor("it to be away", async () => {
    const { rows } = await server.database.pool.query("SELECT server_id FROM agents WHERE name = 'gap'");
    return rows[0]?.server_id === null;
  });
  await post(route, "while away");
  // The window is 2 s: the clock of the database says when it is over.
  await waitFor(
    "the window to pass",
    async () => {
      const { rows } = await server.database.pool.query(
        "SELECT last_seen_at < now() - interval '2.1 seconds' AS over FROM agents WHERE name = 'gap'",
      );
      return rows[0]?.over === true;
    },
    { everyMs: 100 },
  );
  await post(route, "just now");
  const back = await open();
  expect(await back.first("gap")).toMatchObject({ outputId: route.outputId, count: 3 });
  await back.received(1);
  expect(bodies(back)).toEqual(["just now"]);
  expect((await outcomes(route)).map((each) => each.status)).toEqual([3, 3, 3]);
  back.destroy();
});

test("an agent that leaves while it is admitted does not stay connected in the database", async () => {
  const route = await server.route();
  const client = await server.database.pool.connect();
  try {
    await client.query("BEGIN");
    // The last step of an admission waits for this table.
    await client.query("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE");
    const leaving = connectLink(server, "websocket");
    leaving.send(
      hello({ tokenKey: token.key, tokenSecret: token.secret, agent: "leaving", buckets: [route.bucketId] }),
    );
    await waitFor(
      "its row",
      async () => (await client.query("SELECT FROM agents WHERE name = 'leaving'")).rowCount === 1,
    );
    leaving.destroy();
    await leaving.ended();
    await client.query("ROLLBACK");
  } finally {
    client.release();
  }
  await waitFor("it to be away", async () => {
    const { rows } = await server.database.pool.query("SELECT server_id FROM agents WHERE name = 'leaving'");
    return rows[0]?.server_id === null;
  });
});

test("a token stopped while its agent is admitted opens no session", async () => {
  const own = await server.token();
  const route = await server.route();
  const client = await server.database.pool.connect();
  let agent: LinkClient;
  try {
    await client.query("BEGIN");
    await client.query("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE");
    agent = connectLink(server, "grpc");
    agent.send(hello({ tokenKey: own.key, tokenSecret: own.secret, agent: "late", buckets: [route.bucketId] }));
    await waitFor("its row", async () => (await client.query("SELECT FROM agents WHERE name = 'late'")).rowCount === 1);
    await server.must("PUT", `/v1/tokens/${own.key}`, { active: false });
    await client.query("ROLLBACK");
  } finally {
    client.release();
  }
  expect((await agent.first("refused")).reason).toBe(Reason.REASON_UNAUTHORIZED);
  await agent.ended();
  // It holds no place in the output's queue: the next agent gets everything.
  await post(route, "for the next one");
  const next = await openSession(server, "grpc", token, { agent: "next", buckets: [route.bucketId] });
  await next.received(1);
  await post(route, "and this");
  await next.received(2);
  next.destroy();
});
