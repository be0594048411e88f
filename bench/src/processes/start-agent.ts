import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type NodeProcess, startNodeProcess } from "./node-process.js";
import { inRepository } from "./repository.js";
import type { Credentials } from "./start-server.js";

export type Transport = "grpc" | "ws";

export interface AgentOptions {
  /** Folder of the agent's configuration and ledger: the same one makes it the same agent. */
  readonly homeDir: string;
  readonly token: Credentials;
  readonly transport: Transport;
  /** `http://host:port` of the admin API. */
  readonly api: string;
  /** `host:port` of the gRPC link. */
  readonly grpc: string;
  /** `https://host:port` that carries the WebSocket link. */
  readonly https: string;
  readonly caFile: string;
  readonly bucket: string;
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cpuProfileDir?: string | undefined;
}

/** Starts the real agent. It connects by itself; ask for a delivery to know that it has. */
export async function startAgent(options: AgentOptions): Promise<NodeProcess> {
  const { homeDir, token, transport, api, grpc, https, caFile, bucket, logFile, env, cpuProfileDir } = options;
  await mkdir(homeDir, { recursive: true });
  return startNodeProcess({
    name: "agent",
    argv: [inRepository("agent/dist/main.js"), "run", "--quiet"],
    logFile,
    cpuProfileDir,
    env: {
      HOME: homeDir,
      RELAY_CONFIG_DIR: join(homeDir, "config"),
      RELAY_STATE_DIR: join(homeDir, "state"),
      RELAY_KEY: token.key,
      RELAY_SECRET: token.secret,
      RELAY_API_ADDRESS: api,
      RELAY_GRPC_API_ADDRESS: grpc,
      RELAY_WS_ADDRESS: https.replace(/^http/, "ws"),
      RELAY_CA_FILE: caFile,
      BUCKETS: bucket,
      ...(transport === "ws" ? { WEBSOCKET_TRANSPORT: "true" } : {}),
      ...env,
    },
  });
}
