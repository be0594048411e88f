import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

export interface ManagedProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended, with what one says about it: "exit code 1", "SIGKILL". */
  readonly ended: Promise<string>;
  /** Asks it to stop and waits; kills it when it takes longer than `patienceMs`. */
  stop(patienceMs: number): Promise<void>;
  kill(): void;
}

export interface ManagedProcessOptions {
  readonly script: string;
  readonly args?: readonly string[];
  /** Node's own flags. */
  readonly nodeArgs?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: "inherit" | "ignore" | number;
  readonly stderr: "pipe" | number;
}

/**
 * Starts a Node program that Ctrl-C in the terminal does not reach (a session of its own), so that one process alone
 * decides what stops when. The channel to it closes when this process dies, and with it the child stops too.
 */
export function startManagedProcess(options: ManagedProcessOptions): ManagedProcess {
  const spawnOptions: SpawnOptions = {
    stdio: ["ignore", options.stdout, options.stderr, "ipc"],
    env: options.env,
    detached: true,
    windowsHide: true,
  };
  const argv = [...(options.nodeArgs ?? []), options.script, ...(options.args ?? [])];
  const child = spawn(process.execPath, argv, spawnOptions);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  return {
    child,
    ended,
    async stop(patienceMs) {
      child.kill("SIGTERM");
      // Its end of the channel would keep it alive.
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      await ended;
      clearTimeout(timer);
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
