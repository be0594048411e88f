import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ManagedProcess, startManagedProcess } from "./managed-process.js";
import { BUCKET } from "./provision.js";
import type { Listening } from "./server-process.js";
import type { Credentials } from "./state-file.js";

const MAIN = fileURLToPath(new URL("../../../agent/dist/main.js", import.meta.url));
const STOP_WITH_PARENT = new URL("./stop-with-parent.js", import.meta.url).href;

/** Variables of ours that a process needs; everything else of the agent's environment is said here. */
const PASSED_ON = ["PATH", "HOME", "USERPROFILE", "SystemRoot", "TERM", "TZ", "LANG", "NO_COLOR", "FORCE_COLOR"];

export interface AgentOptions {
  readonly listening: Listening;
  readonly token: Credentials;
  /** Folder of its ledger. */
  readonly stateDir: string;
  /** True: it prints no webhooks, because the destination does. */
  readonly quiet: boolean;
  /** Each line about its connection. */
  readonly onLine: (line: string) => void;
}

export interface AgentProcess {
  readonly process: ManagedProcess;
  /** Resolves when it serves the bucket; never rejects. */
  readonly serving: Promise<void>;
}

/** Starts the agent over gRPC with TLS, trusting the server's own certificate. */
export function startAgentProcess({ listening, token, stateDir, quiet, onLine }: AgentOptions): AgentProcess {
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(
      PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    // The token goes by environment, not by argument: arguments are visible to every user of the machine.
    RELAY_KEY: token.key,
    RELAY_SECRET: token.secret,
    RELAY_API_ADDRESS: listening.http,
    RELAY_GRPC_API_ADDRESS: listening.grpc,
    RELAY_CA_FILE: listening.caFile,
    RELAY_STATE_DIR: stateDir,
    RELAY_CONFIG_DIR: stateDir,
  };
  const agent = startManagedProcess({
    script: MAIN,
    nodeArgs: ["--import", STOP_WITH_PARENT],
    args: ["run", "--bucket", BUCKET, "--name", "quickstart", ...(quiet ? ["--quiet"] : [])],
    env,
    stdout: quiet ? "ignore" : "inherit",
    stderr: "pipe",
  });
  const serving = new Promise<void>((resolve) => {
    if (agent.child.stderr === null) return;
    createInterface({ input: agent.child.stderr }).on("line", (line) => {
      if (line.includes(`serving ${BUCKET} `)) resolve();
      onLine(line);
    });
  });
  return { process: agent, serving };
}
