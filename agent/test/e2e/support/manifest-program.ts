import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Changes } from "../../../../server/test/support/changes.js";
import type { TestServer } from "../../../../server/test/support/run-server.js";
import { type AgentProcess, startAgentProcess } from "../../agent-process.js";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = fileURLToPath(new URL("../../../dist/main.js", import.meta.url));

/** A folder with manifests, and the real program that works with them on a test server. */
export class ManifestProgram {
  readonly directory = mkdtempSync(join(tmpdir(), "relay-manifest-"));
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Path of a file in the folder. */
  path(name: string): string {
    return join(this.directory, name);
  }

  /** Writes a file into the folder, values as JSON; returns its path. */
  write(name: string, content: unknown): string {
    const path = this.path(name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
    return path;
  }

  environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      RELAY_KEY: this.#server.adminKey,
      RELAY_SECRET: this.#server.adminSecret,
      RELAY_API_ADDRESS: this.#server.at.http,
      RELAY_CONFIG_DIR: this.path("config"),
      ...more,
    };
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): AgentProcess {
    return startAgentProcess(args, this.environment(env), input);
  }

  /** Runs the program to its end. */
  async run(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: string): Promise<Ended> {
    const started = this.start(args, env, input);
    const code = await started.exited;
    return { code, stdout: started.stdout(), stderr: started.stderr() };
  }

  /**
   * Runs the program on a pseudo-terminal, by the `script` of util-linux, and types each answer when its question is there.
   * What a terminal shows is one stream.
   */
  async onTerminal(
    args: readonly string[],
    answers: readonly { readonly after: string; readonly type: string; before?(): Promise<void> }[],
  ): Promise<{ readonly code: number | null; readonly shown: string }> {
    const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(" ");
    const child = spawn("script", ["-qefc", command, "/dev/null"], {
      env: this.environment({ TERM: "xterm", SHELL: "/bin/sh" }),
      stdio: ["pipe", "pipe", "inherit"],
    });
    let shown = "";
    const changes = new Changes();
    child.stdout.on("data", (chunk) => {
      shown += chunk;
      changes.announce();
    });
    const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
    void exited.then(() => changes.announce());
    let from = 0;
    for (const { after, type, before } of answers) {
      await changes.until(() => shown.includes(after, from) || child.exitCode !== null);
      if (!shown.includes(after, from)) throw new Error(`the program ended without "${after}":\n${shown}`);
      from = shown.indexOf(after, from) + after.length;
      await before?.();
      child.stdin.write(type);
    }
    const code = await exited;
    return { code, shown };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
