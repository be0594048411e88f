import { fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BenchContext } from "../bench-context.js";
import { atMost } from "../figure.js";
import { eventLoopDelayP99 } from "../measure/event-loop-delay.js";
import { watchMachine } from "../measure/machine.js";
import { residentMiB } from "../measure/process-usage.js";
import { createRoute } from "../processes/admin-client.js";
import { callChild } from "../processes/rpc.js";
import { startServer } from "../processes/start-server.js";
import { newCredentials } from "../rig.js";
import { waitUntil } from "../wait-until.js";
import type { SwarmOptions } from "./agent-swarm.js";

const PROCESSES = 2;

/** A thousand agents; the server is killed and started again, and all come back at once. */
export async function reconnectStormRows(context: BenchContext): Promise<void> {
  const agents = context.pace.quick ? 300 : 1_000;
  const folder = await context.folder("storm");
  const admin = newCredentials();
  const start = { dataDir: join(folder, "data"), admin, logFile: join(folder, "server.log") };
  let server = await startServer(start);
  await createRoute(server.http, admin, { bucket: "bench", destination: context.destination.url });
  const children = Array.from({ length: PROCESSES }, () =>
    fork(fileURLToPath(new URL("./agent-swarm.js", import.meta.url)), { serialization: "advanced" }),
  );
  const calls = children.map((child) => callChild(child, "agents"));
  const live = async () =>
    (await Promise.all(calls.map((call) => call("live") as Promise<number>))).reduce((a, b) => a + b, 0);
  const refusals = async () => JSON.stringify(await Promise.all(calls.map((call) => call("refusals"))));
  const back = () => waitUntil(async () => (await live()) === agents, { timeoutMs: 120_000, everyMs: 50 });
  const noise = watchMachine();
  try {
    const first = performance.now();
    const each = agents / PROCESSES;
    for (const [index, call] of calls.entries()) {
      await call("start", {
        grpcAddress: server.grpc,
        caFile: server.caFile,
        ...admin,
        bucket: "bench",
        firstAgent: index * each,
        agents: each,
      } satisfies SwarmOptions);
    }
    const allCame = await back();
    if (!allCame) context.note(`only ${await live()} of ${agents} agents came; ${await refusals()}`);
    const name = `${agents.toLocaleString("en")} agents`;
    context.add({
      name: `${name} connect for the first time`,
      value: allCame ? (performance.now() - first) / 1000 : 120,
      unit: "s",
      noise: noise(),
    });
    await sleep(1_000);
    context.add({ name: `${name}, idle: server RSS`, value: residentMiB(server.pid), unit: "MiB", noise: noise() });

    await server.kill();
    const again = await startServer({ ...start, like: server });
    server = again;
    const listening = performance.now();
    // Reading resets the measurement: what follows is the storm alone.
    await eventLoopDelayP99(server.status);
    const allBack = await back();
    const seconds = (performance.now() - listening) / 1000;
    const delay = await eventLoopDelayP99(server.status);
    if (!allBack) context.note(`only ${await live()} of ${agents} agents are back after 120 s; ${await refusals()}`);
    context.add({
      name: `${name} reconnect to a killed and restarted server`,
      value: allBack ? seconds : 120,
      unit: "s",
      target: atMost(20),
      noise: noise(),
    });
    context.add({
      name: `${name} reconnect: event-loop delay p99 of the server`,
      value: delay * 1000,
      unit: "ms",
      target: atMost(100),
      noise: noise(),
    });
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await server.stop();
  }
}
