import { randomBytes, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BenchContext } from "./bench-context.js";
import { cpuSeconds } from "./measure/process-usage.js";
import { createRoute, type Route } from "./processes/admin-client.js";
import type { NodeProcess } from "./processes/node-process.js";
import { startAgent, type Transport } from "./processes/start-agent.js";
import { type Credentials, type ServerProcess, startServer } from "./processes/start-server.js";
import { waitUntil } from "./wait-until.js";

/** A running server with a route to the destination, and an agent that can be started and stopped. */
export interface Rig {
  readonly admin: Credentials;
  readonly server: ServerProcess;
  readonly port: number;
  /** Webhooks of this bucket reach the destination through the agent. */
  readonly route: Route;
  /** A bucket whose output no agent serves. */
  readonly nobody: Route;
  agent: NodeProcess | undefined;
  /** Starts the agent and waits until a webhook went through. */
  startAgent(transport: Transport): Promise<void>;
  stopAgent(): Promise<void>;
  /** CPU seconds so far of server, agent and PostgreSQL. */
  cpuSeconds(): Promise<number>;
  /** Those of the server alone, its function workers included. */
  serverCpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

/** Lets a server call destinations on this machine for public outputs. */
export const PUBLIC_ENV: Readonly<Record<string, string>> = { PUBLIC_DESTINATION_ALLOW: "127.0.0.0/8" };

/** A new token: key and secret as the admin API makes them. */
export function newCredentials(): Credentials {
  return { key: randomUUID(), secret: randomBytes(32).toString("base64url") };
}

/** Starts a server on a fresh data directory, with default settings but for `env`. */
export async function createRig(
  context: BenchContext,
  name: string,
  { database, env = {} }: { database?: { url: string; pid(): number }; env?: Readonly<Record<string, string>> } = {},
): Promise<Rig> {
  const folder = await context.folder(name);
  const admin = newCredentials();
  const dataDir = join(folder, "data");
  await mkdir(dataDir, { recursive: true });
  const server = await startServer({
    dataDir,
    admin,
    logFile: join(folder, "server.log"),
    cpuProfileDir: context.cpuProfileDir,
    env,
    ...(database === undefined ? {} : { databaseUrl: database.url }),
  });
  const route = await createRoute(server.http, admin, { bucket: "bench", destination: context.destination.url });
  const nobody = await createRoute(server.http, admin, { bucket: "nobody", destination: context.destination.url });
  const port = Number(new URL(server.http).port);

  const postmaster = async () => database?.pid() ?? (await server.postmaster());

  const rig: Rig = {
    admin,
    server,
    port,
    route,
    nobody,
    agent: undefined,
    async startAgent(transport) {
      rig.agent = await startAgent({
        homeDir: join(folder, `agent-${transport}`),
        token: admin,
        transport,
        api: server.http,
        grpc: server.grpc,
        https: server.https,
        caFile: server.caFile,
        bucket: "bench",
        logFile: join(folder, "agent.log"),
        cpuProfileDir: context.cpuProfileDir,
      });
      const first = context.nextSequence();
      await context.run({ port, path: route.path, payload: "1k", durationMs: 50, connections: 1, rate: 100 });
      const count = context.nextSequence() - first;
      const arrived = await waitUntil(
        async () => (await context.destination.missing({ first, count, except: [] })).length === 0,
        { timeoutMs: 30_000 },
      );
      if (!arrived)
        throw new Error(`${name}: no webhook came through the agent (${transport}) within 30 s; logs in ${folder}`);
    },
    async stopAgent() {
      await rig.agent?.stop();
      rig.agent = undefined;
    },
    async cpuSeconds() {
      return cpuSeconds([server.pid, rig.agent?.pid, await postmaster()].filter((pid) => pid !== undefined));
    },
    async serverCpuSeconds() {
      const database = [await postmaster()].filter((pid) => pid !== undefined);
      // The server's own PostgreSQL is its child.
      return cpuSeconds([server.pid, ...database]) - cpuSeconds(database);
    },
    async stop() {
      await rig.stopAgent();
      await server.stop();
    },
  };
  return rig;
}
