import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession, TRANSPORTS } from "./support/link-client.js";
import { startMuteProxy } from "./support/mute-proxy.js";
import { runServer, type TestServer } from "./support/run-server.js";
import { waitFor } from "./support/wait-for.js";

let server: TestServer;
beforeAll(async () => {
  server = await runServer({ env: { AGENT_HEARTBEAT: "1s" } });
});
afterAll(() => server.close());

/** More than the database connections that may come and go meanwhile. */
const AGENTS = 20;

test.each(TRANSPORTS)("threat: over %s peers that are gone without a word leave no socket behind", async (kind) => {
  const token = await server.token();
  const target = kind === "grpc" ? `https://${server.at.grpc}` : server.at.https;
  const proxy = await startMuteProxy({ port: Number(new URL(target).port) });
  const at = { ...server.at, grpc: `127.0.0.1:${proxy.port}`, https: `https://127.0.0.1:${proxy.port}` };
  const sockets = () => server.metric('nodejs_active_resources{type="TCPSocketWrap"}');
  const agents = await Promise.all(
    Array.from({ length: AGENTS }, (_, i) => openSession({ at }, kind, token, { agent: `gone-${kind}-${i}` })),
  );
  const before = await sockets();
  expect(before).toBeGreaterThanOrEqual(AGENTS);
  proxy.mute();
  await waitFor("their silence to be noticed", () => {
    const lines = server.logged("agent.disconnected").filter(({ agent }) => `${agent}`.startsWith(`gone-${kind}-`));
    expect(lines.every(({ reason }) => reason === "no sign of life")).toBe(true);
    return lines.length === AGENTS;
  });
  await waitFor("their sockets to be gone", async () => (await sockets()) <= before - AGENTS, { everyMs: 100 });
  for (const agent of agents) agent.destroy();
  proxy.close();
});
