import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Changes } from "../../server/test/support/changes.js";
import type { LinkServer } from "./link-server.js";

/** A real `relay` process. */
export interface AgentProcess {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when standard error or output contains the text. */
  seen(text: string): Promise<void>;
  readonly exited: Promise<number | null>;
}

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** A directory of its own for configuration and state, with its removal. */
export function agentHome(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "relay-agent-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** The environment of an agent that talks to a test server and nothing else of this machine. */
export function agentEnvironment(
  server: Pick<LinkServer, "grpcAddress" | "webSocketAddress">,
  home: string,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    RELAY_KEY: "4b1c6f0e-0000-4000-8000-000000000001",
    RELAY_SECRET: "s3cret-of-the-test",
    RELAY_API_ADDRESS: "http://127.0.0.1:1",
    RELAY_GRPC_API_ADDRESS: server.grpcAddress,
    RELAY_WS_ADDRESS: server.webSocketAddress,
    RELAY_REQUIRE_TLS: "false",
    RELAY_CONFIG_DIR: join(home, "config"),
    RELAY_STATE_DIR: join(home, "state"),
    RELAY_AGENT_NAME: "tester",
  };
}

/** Starts the built program; the caller ends it with `child.kill`. */
export function startAgentProcess(args: readonly string[], env: NodeJS.ProcessEnv, input?: string): AgentProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  const changes = new Changes();
  child.stdin.on("error", () => undefined);
  child.stdin.end(input ?? "");
  child.stdout.on("data", (chunk) => {
    out += chunk;
    changes.announce();
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
    changes.announce();
  });
  const exited = new Promise<number | null>((resolve) => {
    child.on("close", (code) => {
      resolve(code);
      changes.announce();
    });
  });
  return {
    child,
    stdout: () => out,
    stderr: () => err,
    exited,
    async seen(text) {
      const said = (): boolean => `${out}${err}`.includes(text);
      await changes.until(() => said() || child.exitCode !== null);
      if (!said()) throw new Error(`the agent ended without "${text}":\n${out}\n${err}`);
    },
  };
}
