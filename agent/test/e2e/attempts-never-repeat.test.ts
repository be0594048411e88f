import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startTcpProxy, type TcpProxy } from "../../../bench/src/processes/tcp-proxy.js";
import { type Route, runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { agentHome } from "../agent-process.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { runAgent, type TestAgent } from "./support/run-agent.js";
import { postWebhook } from "./support/steady-load.js";

const SEQUENCES = Array.from({ length: 20 }, (_, n) => n);
/** Quick retries, and more of them than a test waits for. */
const RETRIES = ["--quiet", "--max-retries", "100", "--retry-wait-min", "100ms", "--retry-wait-max", "100ms"];
/** Calls of each webhook between two disasters: one hand-out, and retries of the agent's own. */
const TRIES = 4;

let server: TestServer;

beforeAll(async () => {
  server = await runServer({ env: { LEASE_TIME: "3s", AGENT_HEARTBEAT: "1s" } });
});

afterAll(() => server.close());

test("an agent is killed in the middle of its retries, again and again", async () => {
  const scene = await startScene("agent-killed");
  for (let round = 0; round < 3; round += 1) {
    await scene.retriesUnderWay();
    await scene.agent.kill("SIGKILL");
    await scene.startAgent();
  }
  await scene.endsWell();
}, 60_000);

test("an ephemeral delivery's agent is killed in the middle of its retries", async () => {
  const scene = await startScene("ephemeral", { ephemeral: true });
  for (let round = 0; round < 2; round += 1) {
    await scene.retriesUnderWay();
    await scene.agent.kill("SIGKILL");
    await scene.startAgent();
  }
  await scene.endsWell();
}, 60_000);

test("another agent takes over from one that was killed, and a second one of its name from that", async () => {
  const scene = await startScene("handed-over");
  const first = scene.agent;
  await scene.retriesUnderWay();
  const second = await scene.startAgent("another");
  await first.kill("SIGKILL");
  await scene.retriesUnderWay();
  await scene.startAgent("another");
  expect(await second.exited).toBe(5);
  await scene.endsWell();
}, 60_000);

test("the link of an agent falls silent, which lives on and comes back", async () => {
  const scene = await startScene("silent");
  for (let times = 2; times <= 3; times += 1) {
    await scene.retriesUnderWay();
    scene.proxy.halfOpen();
    await scene.agent.connected(times);
  }
  await scene.endsWell();
}, 60_000);

test("the server is killed in the middle of an agent's retries, which lives on", async () => {
  const scene = await startScene("server-killed");
  for (let times = 2; times <= 3; times += 1) {
    await scene.retriesUnderWay();
    await server.kill("SIGKILL");
    await server.start();
    scene.proxy.retarget(linkPort());
    await scene.agent.connected(times);
  }
  await scene.endsWell();
}, 60_000);

test("server and agent are killed in the same moment", async () => {
  const scene = await startScene("both-killed");
  for (let round = 0; round < 2; round += 1) {
    await scene.retriesUnderWay();
    await Promise.all([server.kill("SIGKILL"), scene.agent.kill("SIGKILL")]);
    await server.start();
    scene.proxy.retarget(linkPort());
    await scene.startAgent();
  }
  await scene.endsWell();
}, 60_000);

interface Scene {
  readonly proxy: TcpProxy;
  /** The one started last. */
  readonly agent: TestAgent;
  /** Starts an agent in a folder of its own, or the first one again. */
  startAgent(name?: string): Promise<TestAgent>;
  /** Waits until every webhook was tried several times more. */
  retriesUnderWay(): Promise<void>;
  /** The destination recovers: every webhook is delivered, and no number was seen twice or out of order. */
  endsWell(): Promise<void>;
}

/** Webhooks whose destination answers 503 until the end, and an agent that tries and tries. */
async function startScene(name: string, bucket: object = {}): Promise<Scene> {
  let status = 503;
  const destination = await startRecordingDestination(
    () => 0,
    () => status,
  );
  const route = await server.route({ bucket: { name, ...bucket }, output: { destination: destination.url } });
  const proxy = await startTcpProxy({ port: linkPort() });
  const home = agentHome();
  const agents: TestAgent[] = [];
  const scene: Scene = {
    proxy,
    get agent() {
      const last = agents.at(-1);
      if (last === undefined) throw new Error("no agent was started");
      return last;
    },
    async startAgent(other) {
      const own = other === undefined ? { name, home: home.path } : { name: other };
      const agent = await runAgent(server, { ...own, buckets: [name], args: RETRIES, linkPort: proxy.port });
      agents.push(agent);
      return agent;
    },
    async retriesUnderWay() {
      const from = destination.arrivals.length;
      await waitFor("retries", () => fewestCalls(destination, from) >= TRIES, { timeoutMs: 30_000 });
    },
    async endsWell() {
      await scene.retriesUnderWay();
      status = 200;
      const attempts = await finishedAttempts(route);
      expect(destination.unrecognisable()).toEqual([]);
      // The log tells the number that the destination saw last.
      const last = new Map(destination.arrivals.map(({ deliveryId, attempt }) => [deliveryId, attempt]));
      expect(attempts).toEqual(last);
    },
  };
  onTestFinished(async () => {
    for (const agent of agents) await agent.close();
    home.remove();
    await proxy.stop();
    await destination.stop();
  });
  await scene.startAgent();
  for (const sequence of SEQUENCES) {
    expect(await postWebhook(server.at.http + route.path, { sequence })).toBe(200);
  }
  return scene;
}

/** Calls of the webhook that was called least, of those that came after the first `from`. */
function fewestCalls({ arrivals }: RecordingDestination, from: number): number {
  const calls = new Map(SEQUENCES.map((sequence) => [sequence, 0]));
  for (const { sequence } of arrivals.slice(from)) calls.set(sequence, (calls.get(sequence) ?? 0) + 1);
  return Math.min(...calls.values());
}

/** Attempt number by delivery id, once all of them were delivered. */
function finishedAttempts({ outputId }: Route): Promise<Map<string, number>> {
  return waitFor("the deliveries to be finished", async () => {
    const { rows } = await server.database.pool.query<{ id: string; attempt: number }>(
      "SELECT id, attempt FROM outcomes WHERE output_id = $1 AND status = 1",
      [outputId],
    );
    return rows.length === SEQUENCES.length && new Map(rows.map(({ id, attempt }) => [id, attempt]));
  });
}

function linkPort(): number {
  return Number(server.at.grpc.split(":").at(-1));
}
