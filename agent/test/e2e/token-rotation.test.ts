import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runServer, type TestServer } from "../../../server/test/support/run-server.js";
import { waitFor } from "../../../server/test/support/wait-for.js";
import { agentHome, startAgentProcess } from "../agent-process.js";
import { type RecordingDestination, startRecordingDestination } from "./support/recording-destination.js";
import { relayEnvironment } from "./support/run-agent.js";
import { postWebhook, startLoad } from "./support/steady-load.js";

const ROTATIONS = 10;
const PER_SECOND = 500;

let server: TestServer;
let destination: RecordingDestination;

beforeAll(async () => {
  server = await runServer();
  destination = await startRecordingDestination();
});
afterAll(async () => {
  await destination?.stop();
  await server?.close();
});

/** Runs a `relay` command as the token that may do everything. */
async function relay(args: readonly string[], home: string) {
  // The administrator of the environment cannot be rotated, but it may rotate others.
  const started = startAgentProcess(args, relayEnvironment(server, home));
  return { ...started, code: await started.exited };
}

test.each(["grpc", "ws"] as const)(
  `ten rotations under ${PER_SECOND} webhooks a second lose, repeat and fail nothing (%s)`,
  async (transport) => {
    const home = agentHome();
    const { bucketId, path } = await server.route({ output: { destination: destination.url } });
    const name = `agent-${randomUUID().slice(0, 8)}`;
    const file = join(home.path, "token.json");
    const made = await relay(
      ["token", "create", name, "--no-api-access", "--bucket", bucketId, "--out", file],
      home.path,
    );
    expect([made.code, made.stdout()]).toEqual([0, ""]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { RELAY_KEY: _key, RELAY_SECRET: _secret, ...environment } = relayEnvironment(server, home.path);
    const agent = startAgentProcess(["run", "--quiet", "--token-file", file], {
      ...environment,
      RELAY_GRPC_API_ADDRESS: server.at.grpc,
      RELAY_WS_ADDRESS: server.at.https.replace(/^http/, "ws"),
      RELAY_AGENT_NAME: "rotated",
      WEBSOCKET_TRANSPORT: String(transport === "ws"),
    });
    try {
      await agent.seen("serving ");
      const before = destination.arrivals.length;
      const load = startLoad({ url: () => server.at.http + path, perSecond: PER_SECOND, first: before });
      const connected = (): number => agent.stderr().split("connected to ").length - 1;
      for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) {
        const { code, stdout } = await relay(["token", "rotate", name, "--grace", "1m", "--out", file], home.path);
        expect([code, stdout()]).toEqual([0, ""]);
        agent.child.kill("SIGHUP");
        await waitFor(`the agent to come back after rotation ${rotation}`, () => connected() === rotation + 1, {
          timeoutMs: 20_000,
        });
      }
      const { answered, refused, sent } = await load.stop();
      await destination.allArrived(answered, 30_000);
      expect(refused).toEqual([]);
      expect(answered).toHaveLength(sent);
      // Every webhook once, by its own number and by the delivery's id, at its first attempt.
      const arrivals = destination.arrivals.slice(before);
      expect(arrivals).toHaveLength(sent);
      expect(new Set(arrivals.map(({ deliveryId }) => deliveryId)).size).toBe(sent);
      expect(new Set(arrivals.map(({ sequence }) => sequence)).size).toBe(sent);
      await waitFor("every outcome to be recorded", async () => {
        const { rows } = await server.database.pool.query<{ status: number; n: number }>(
          "SELECT status, count(*)::int AS n FROM outcomes WHERE bucket_id = $1 GROUP BY status",
          [bucketId],
        );
        return rows.length === 1 && rows[0]?.status === 1 && rows[0].n === sent;
      });
      // No session was refused, none lost, and nobody is left with an old secret.
      expect(agent.stderr()).not.toMatch(/not connected|refused|warning: the server/);
      expect(await server.metric("relay_agents_on_old_secret")).toBe(0);
      expect(agent.child.exitCode).toBeNull();
    } finally {
      agent.child.kill("SIGKILL");
      await agent.exited;
      home.remove();
    }
  },
  120_000,
);

test("threat: a call that is under way at the switch made twice, however long it takes", async () => {
  const home = agentHome();
  const slow = await startRecordingDestination(() => Number.POSITIVE_INFINITY);
  const { bucketId, path } = await server.route({ output: { destination: slow.url } });
  const file = join(home.path, "token.json");
  await relay(["token", "create", "slow", "--no-api-access", "--bucket", bucketId, "--out", file], home.path);
  const { RELAY_KEY: _key, RELAY_SECRET: _secret, ...environment } = relayEnvironment(server, home.path);
  const agent = startAgentProcess(["run", "--quiet", "--token-file", file, "--timeout", "60s"], {
    ...environment,
    RELAY_GRPC_API_ADDRESS: server.at.grpc,
    RELAY_AGENT_NAME: "slow",
  });
  try {
    await agent.seen("serving ");
    for (let sequence = 0; sequence < 3; sequence += 1) await postWebhook(server.at.http + path, { sequence });
    await waitFor("the calls to begin", () => slow.arrivals.length === 3);
    await relay(["token", "rotate", "slow", "--out", file], home.path);
    agent.child.kill("SIGHUP");
    // It does not wait for ever: after a few seconds it comes back, with the calls still under way.
    await waitFor("the agent to come back", () => agent.stderr().split("connected to ").length === 3, {
      timeoutMs: 20_000,
    });
    slow.answerWaiting();
    await waitFor("the outcomes", async () => {
      const { rows } = await server.database.pool.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM outcomes WHERE bucket_id = $1 AND status = 1",
        [bucketId],
      );
      return rows[0]?.n === 3;
    });
    expect(slow.arrivals).toHaveLength(3);
  } finally {
    agent.child.kill("SIGKILL");
    await agent.exited;
    await slow.stop();
    home.remove();
  }
}, 60_000);
