import type { TestServer } from "../../../../server/test/support/run-server.js";
import { waitFor } from "../../../../server/test/support/wait-for.js";
import { type AgentProcess, agentHome, startAgentProcess } from "../../agent-process.js";

export type LinkTransport = "grpc" | "ws";

export interface RunAgentOptions {
  readonly transport?: LinkTransport;
  /** Buckets to serve; all when left out. */
  readonly buckets?: readonly string[];
  readonly name?: string;
  /** Further arguments of `relay run`. */
  readonly args?: readonly string[];
  /** Folder of an agent that ran before, to be the same one again; its owner removes it. */
  readonly home?: string;
  /** Port that stands in for the server's agent link, such as a proxy's. */
  readonly linkPort?: number;
}

/** The real agent as a process of its own. */
export interface TestAgent extends AgentProcess {
  readonly home: string;
  /** Waits until it has connected for the nth time since its start, and serves. */
  connected(times?: number): Promise<void>;
  /** Sends a signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it and removes its folder, if it is not someone else's. */
  close(): Promise<void>;
}

/** What an agent has to know of a server. */
type ServerOfAgent = { readonly [K in "adminKey" | "adminSecret"]: string } & {
  readonly at: Pick<TestServer["at"], "http" | "https" | "grpc" | "caFile">;
};

/** Environment of any `relay` command that talks to the server as its administrator. */
export function relayEnvironment(server: ServerOfAgent, home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    RELAY_CONFIG_DIR: `${home}/config`,
    RELAY_STATE_DIR: `${home}/state`,
    RELAY_KEY: server.adminKey,
    RELAY_SECRET: server.adminSecret,
    RELAY_API_ADDRESS: server.at.http,
    RELAY_CA_FILE: server.at.caFile,
  };
}

/** Starts `relay run` against a server and waits until it serves. */
export async function runAgent(server: ServerOfAgent, options: RunAgentOptions = {}): Promise<TestAgent> {
  const { transport = "grpc", buckets = [], name = "tester", args = [], linkPort } = options;
  const ownHome = options.home === undefined ? agentHome() : undefined;
  const home = options.home ?? ownHome?.path ?? "";
  const host = (address: string) => (linkPort === undefined ? address : address.replace(/\d+$/, String(linkPort)));
  const process = startAgentProcess(["run", ...buckets.flatMap((bucket) => ["--bucket", bucket]), ...args], {
    ...relayEnvironment(server, home),
    RELAY_GRPC_API_ADDRESS: host(server.at.grpc),
    RELAY_WS_ADDRESS: host(server.at.https).replace(/^http/, "ws"),
    RELAY_AGENT_NAME: name,
    WEBSOCKET_TRANSPORT: String(transport === "ws"),
  });
  const agent: TestAgent = {
    ...process,
    home,
    async connected(times = 1) {
      await waitFor(
        "the agent to connect",
        () => process.stderr().split("connected to ").length > times && process.stderr().includes("serving "),
        { timeoutMs: 20_000 },
      ).catch((cause: unknown) => {
        throw new Error(`agent ${name} is not connected for the ${times}th time. It said:\n${process.stderr()}`, {
          cause,
        });
      });
    },
    async kill(signal = "SIGTERM") {
      process.child.kill(signal);
      await process.exited;
    },
    async close() {
      await agent.kill("SIGKILL");
      ownHome?.remove();
    },
  };
  await agent.connected().catch(async (error: unknown) => {
    await agent.close();
    throw error;
  });
  return agent;
}
