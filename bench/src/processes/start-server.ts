import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { NODE_FLAGS } from "@relay/server/node-flags";
import { type NodeProcess, startNodeProcess } from "./node-process.js";
import { inRepository } from "./repository.js";

export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** Where a running server listens. */
export interface ServerAddresses {
  readonly http: string;
  readonly https: string;
  readonly grpc: string;
  readonly status: string;
  readonly caFile: string;
}

export interface ServerOptions {
  readonly dataDir: string;
  readonly admin: Credentials;
  readonly logFile: string;
  /** Listen on the ports of an earlier start; without it on free ports. */
  readonly like?: ServerAddresses;
  /** External database; without it the server starts its own. */
  readonly databaseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cpuProfileDir?: string | undefined;
}

export interface ServerProcess extends NodeProcess, ServerAddresses {
  /** Milliseconds from the start of the process to its listening line. */
  readonly startedInMs: number;
  /** Process id of the server's own PostgreSQL; undefined when it has none. */
  postmaster(): Promise<number | undefined>;
}

const START_MS = 60_000;

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(":") + 1);
}

function readListening(line: string): ServerAddresses | undefined {
  if (!line.includes('"server.listening"')) return undefined;
  const { http, https, grpc, status, caFile } = JSON.parse(line) as ServerAddresses;
  return { http, https, grpc, status, caFile };
}

/** Starts the real server and resolves when it listens. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { dataDir, admin, logFile, like, databaseUrl, env, cpuProfileDir } = options;
  const begin = performance.now();
  const started = startNodeProcess({
    name: "server",
    argv: [...NODE_FLAGS, inRepository("server/dist/main.js")],
    logFile,
    cpuProfileDir,
    env: {
      RELAY_DATA_DIR: dataDir,
      HTTP_API_PORT: like === undefined ? "0" : portOf(like.http),
      HTTPS_API_PORT: like === undefined ? "0" : portOf(like.https),
      GRPC_API_PORT: like === undefined ? "0" : portOf(like.grpc),
      STATUS_PORT: like === undefined ? "0" : portOf(like.status),
      ADMIN_API_KEY: admin.key,
      ADMIN_API_SECRET: admin.secret,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...env,
    },
  });
  try {
    const addresses = await started.waitForLine(readListening, START_MS);
    return {
      ...started,
      ...addresses,
      startedInMs: performance.now() - begin,
      async postmaster() {
        const text = await readFile(join(dataDir, "postgres", "cluster", "data", "postmaster.pid"), "utf8").catch(
          () => "",
        );
        const pid = Number(text.split("\n")[0]);
        return pid > 1 ? pid : undefined;
      },
    };
  } catch (error) {
    await started.stop();
    throw error;
  }
}
