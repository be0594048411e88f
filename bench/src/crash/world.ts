import { cp } from "node:fs/promises";
import { join } from "node:path";
import { type BenchPostgres, createBenchPostgres } from "../bench-postgres.js";
import { createRoute, type Route } from "../processes/admin-client.js";
import type { NodeProcess } from "../processes/node-process.js";
import { type AgentOptions, startAgent, type Transport } from "../processes/start-agent.js";
import { type ServerOptions, type ServerProcess, startServer } from "../processes/start-server.js";
import { startTcpProxy, type TcpProxy } from "../processes/tcp-proxy.js";
import { newCredentials } from "../rig.js";

/** Short leases and heartbeats, so that what waits for them does not take minutes. */
const QUICK: Readonly<Record<string, string>> = {
  AGENT_HEARTBEAT: "1s",
  LEASE_TIME: "3s",
};

/** A server that can be killed and started again in its place. */
export interface Place {
  server: ServerProcess;
  /** Kills the server if it still runs and starts it again on the same ports and data directory. */
  restart(): Promise<void>;
}

/** Real processes wired for crashes: webhooks go to `ingest`, the agent reaches `link` through the proxy. */
export interface World {
  readonly transport: Transport;
  /** Takes the webhooks. */
  readonly ingest: Place;
  /** Holds the agent; the same place as `ingest` when there is one server. */
  readonly link: Place;
  readonly proxy: TcpProxy;
  readonly route: Route;
  /** The database both servers share; undefined when the one server runs its own. */
  readonly database: BenchPostgres | undefined;
  agent: NodeProcess;
  restartAgent(): Promise<void>;
  /** Port of a place's agent link. */
  linkPort(place: Place): number;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly folder: string;
  readonly transport: Transport;
  readonly destination: string;
  /** Two servers on one database instead of one on its own. */
  readonly pair: boolean;
}

async function createPlace(options: ServerOptions): Promise<Place> {
  const place: Place = {
    server: await startServer(options),
    async restart() {
      const like = place.server;
      await like.kill();
      place.server = await startServer({ ...options, like });
    },
  };
  return place;
}

/** Starts everything and resolves when the servers listen; the agent connects by itself. */
export async function createWorld({ folder, transport, destination, pair }: WorldOptions): Promise<World> {
  const undo: (() => Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (const step of undo.splice(0).reverse()) await step();
  }
  try {
    const admin = newCredentials();
    let database: BenchPostgres | undefined;
    if (pair) {
      const made = await createBenchPostgres(join(folder, "postgres"), ["shared_buffers=64MB"]);
      database = made;
      undo.push(() => made.stop("fast"));
    }
    const common = { admin, env: QUICK, ...(database === undefined ? {} : { databaseUrl: database.url }) };
    const firstDir = join(folder, "a");
    const ingest = await createPlace({ ...common, dataDir: firstDir, logFile: join(folder, "server-a.log") });
    undo.push(() => ingest.server.stop());
    let link = ingest;
    if (pair) {
      // Servers of one database share the key file, and here the certificate, so that the agent trusts both.
      const secondDir = join(folder, "b");
      await cp(join(firstDir, "key"), join(secondDir, "key"));
      await cp(join(firstDir, "tls"), join(secondDir, "tls"), { recursive: true });
      const second = await createPlace({ ...common, dataDir: secondDir, logFile: join(folder, "server-b.log") });
      undo.push(() => second.server.stop());
      link = second;
    }
    const route = await createRoute(ingest.server.http, admin, { bucket: "crash", destination });
    const linkPort = ({ server }: Place) =>
      Number(transport === "grpc" ? server.grpc.slice(server.grpc.lastIndexOf(":") + 1) : new URL(server.https).port);
    const proxy = await startTcpProxy({ port: linkPort(link) });
    undo.push(() => proxy.stop());
    const agentOptions: AgentOptions = {
      homeDir: join(folder, "agent"),
      token: admin,
      transport,
      api: ingest.server.http,
      grpc: `127.0.0.1:${proxy.port}`,
      https: `https://127.0.0.1:${proxy.port}`,
      caFile: ingest.server.caFile,
      bucket: "crash",
      logFile: join(folder, "agent.log"),
    };
    const world: World = {
      transport,
      ingest,
      link,
      proxy,
      route,
      database,
      agent: await startAgent(agentOptions),
      async restartAgent() {
        await world.agent.kill();
        world.agent = await startAgent(agentOptions);
      },
      linkPort,
      stop,
    };
    undo.push(() => world.agent.stop());
    return world;
  } catch (error) {
    await stop();
    throw error;
  }
}
