import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:http2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Reason } from "../src/wire/index.js";
import { connectLink, hello, openSession, TRANSPORTS } from "./support/link-client.js";
import { type Route, runServer, type TestServer } from "./support/run-server.js";
import { largeHello, openStranger, STRANGERS, type Stranger, type StrangerKind } from "./support/strangers.js";
import { waitFor } from "./support/wait-for.js";

const MAX_GREETINGS = 8;
const MAX_AGENTS = 4;

let server: TestServer;
let token: { key: string; secret: string };
let route: Route;

beforeAll(async () => {
  server = await runServer({
    env: { AGENT_HEARTBEAT: "1s", MAX_GREETINGS: `${MAX_GREETINGS}`, MAX_AGENTS: `${MAX_AGENTS}` },
  });
  token = await server.token();
  route = await server.route();
});
afterAll(() => server.close());

const strangers: Stranger[] = [];
afterEach(() => {
  for (const each of strangers.splice(0)) each.destroy();
});

function flood(count: number, kind: StrangerKind, from = "127.0.0.2"): Stranger[] {
  const opened = Array.from({ length: count }, () => openStranger(server, { kind, from }));
  strangers.push(...opened);
  return opened;
}

const open = (kind: (typeof TRANSPORTS)[number], agent: string = randomUUID()) =>
  openSession(server, kind, token, { agent, buckets: [route.bucketId] });

async function agentsGone(): Promise<void> {
  await waitFor("all agents to be gone", async () => (await server.metric("relay_agents")) === 0);
}

describe.each(STRANGERS)("threat: a flood of strangers, each %s", (kind) => {
  test("the agent that is connected is served, and others get in from another address", async () => {
    const served = await open("grpc");
    const crowd = flood(4 * MAX_GREETINGS, kind);
    await waitFor("the surplus to be sent away", () => {
      return crowd.filter((each) => each.closed).length === crowd.length - MAX_GREETINGS;
    });
    await fetch(server.at.http + route.path, { method: "POST", body: "x" });
    served.ack((await served.received(1))[0] ?? fail());
    for (const transport of TRANSPORTS) (await open(transport)).destroy();
    expect(served.closed).toBeUndefined();
    served.destroy();
    await agentsGone();
  });
});

test("threat: silence on an agent port ends after ten seconds, however far it went", async () => {
  const started = performance.now();
  const silent = STRANGERS.map((kind) => flood(1, kind)[0] ?? fail());
  const early = () => silent.map((each, i) => (each.closed ? STRANGERS[i] : "")).join("");
  await waitFor(
    "nine seconds, with all still there",
    () => {
      expect(early()).toBe("");
      return performance.now() - started > 9_000;
    },
    { timeoutMs: 15_000, everyMs: 100 },
  );
  await waitFor("all to be cut", () => silent.every((each) => each.closed), { timeoutMs: 6_000 });
});

test("threat: strangers that push and push get no further than 32 KiB each", async () => {
  const kinds = ["half a gRPC frame", "half a WebSocket frame"] as const;
  const pushing = kinds.flatMap((kind) => flood(MAX_GREETINGS / 2, kind));
  const sent = pushing.map(() => 0);
  await waitFor(
    "all to be cut",
    () => {
      for (const [i, each] of pushing.entries()) {
        if (each.closed || (sent[i] ?? 0) > 60_000) continue;
        each.push(Buffer.alloc(1_000));
        sent[i] = (sent[i] ?? 0) + 1_000;
      }
      return pushing.every((each) => each.closed);
    },
    // The frames they began are 100 kB long and never end; ten seconds would be the limit of silence.
    { timeoutMs: 5_000 },
  );
});

test("threat: strangers that never speak take no place of an agent; a full server says so and takes the next when one goes", async () => {
  flood(MAX_GREETINGS, "a gRPC stream without a frame");
  const agents = [];
  for (let i = 0; i < MAX_AGENTS; i += 1) agents.push(await open(i % 2 === 0 ? "grpc" : "websocket", `agent-${i}`));
  const surplus = connectLink(server, "grpc");
  surplus.send(hello({ tokenKey: token.key, tokenSecret: token.secret, agent: "surplus" }));
  const refused = await surplus.first("refused");
  expect(refused).toMatchObject({
    reason: Reason.REASON_OVERLOADED,
    message: expect.stringContaining("MAX_AGENTS, 4"),
  });
  expect(refused.retryAfterMs).toBeGreaterThan(0);
  await surplus.ended();
  // The same agent again needs no place of its own: its former connection may be dead without our knowing.
  const again = await open("grpc", "agent-0");
  expect((await agents[0]?.first("refused"))?.reason).toBe(Reason.REASON_FENCED);
  agents[1]?.destroy();
  const next = await waitFor("a place", async () => {
    const candidate = connectLink(server, "grpc");
    candidate.send(hello({ tokenKey: token.key, tokenSecret: token.secret, agent: "surplus" }));
    await waitFor("an answer", () => candidate.all("welcome").length + candidate.all("refused").length > 0);
    return candidate.all("welcome").length > 0 && candidate;
  });
  for (const each of [...agents, again, next]) each.destroy();
  await agentsGone();
});

describe.each(TRANSPORTS)("over %s", (kind) => {
  test("threat: a first frame larger than a Hello needs is refused in words, one that is far larger is cut", async () => {
    const large = connectLink(server, kind);
    large.sendBytes(largeHello(token));
    expect(await large.first("refused")).toMatchObject({
      reason: Reason.REASON_PROTOCOL,
      message: expect.stringContaining("16384"),
    });
    await large.ended();
    const huge = connectLink(server, kind);
    huge.sendBytes(new Uint8Array(200_000));
    await huge.ended();
  });
});

test("threat: an address that guesses secrets does not keep an agent of another one waiting", async () => {
  const roomy = await runServer();
  const fresh = await roomy.token();
  for (let i = 0; i < 600; i += 1) strangers.push(openStranger(roomy, { kind: "a guess", from: "127.0.0.2" }));
  const overloaded = () => roomy.metric(`relay_agent_sessions_total{result="refused ${Reason.REASON_OVERLOADED}"}`);
  await waitFor("guesses to be put off", async () => (await overloaded()) > 0);
  // Its secret has not been seen since the start: it is checked like the guesses.
  const agent = connectLink(roomy, "grpc");
  agent.send(hello({ tokenKey: fresh.key, tokenSecret: fresh.secret }));
  await waitFor("an answer", () => agent.all("welcome").length + agent.all("refused").length > 0, {
    timeoutMs: 30_000,
  });
  expect(agent.all("refused")).toEqual([]);
  agent.destroy();
  await roomy.close();
}, 60_000);

test("threat: a second stream on an agent's connection is not taken", async () => {
  // Told by HTTP/2 itself: a proxy that joins agents opens more connections.
  const session = connect(`https://${server.at.grpc}`, { rejectUnauthorized: false });
  try {
    // Not session.remoteSettings: before the server's frame has come, Node fills it with defaults of its own.
    const [settings] = await once(session, "remoteSettings");
    expect(settings.maxConcurrentStreams).toBe(1);
  } finally {
    session.destroy();
  }
});

function fail(): never {
  throw new Error("one expected");
}
