import { type ChildProcess, fork } from "node:child_process";
import type { FunctionResult } from "../function-result.js";
import { workerEntry } from "./worker-entry.js";
import { workerFlags } from "./worker-flags.js";
import type { RunMessage, WorkerMessage } from "./worker-messages.js";

export interface WorkerEvents {
  ready(): void;
  result(result: FunctionResult): void;
  /** It is gone, however that came; nothing follows. */
  ended(how: string): void;
}

/** One worker process, seen from the one that started it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(events: WorkerEvents) {
    this.#child = fork(workerEntry(), {
      execArgv: [...workerFlags()],
      // Local time of functions is UTC; nothing of our environment is for them.
      env: { TZ: "UTC" },
      cwd: "/",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
      // Ctrl-C in a terminal is for the server, which then stops its workers itself.
      detached: true,
    });
    this.#child.on("message", (message: WorkerMessage) => {
      if (message.kind === "ready") events.ready();
      else events.result(message.result);
    });
    this.#ended = new Promise((resolve) => {
      const end = (how: string) => {
        resolve();
        events.ended(how);
      };
      this.#child.once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
      this.#child.once("error", (error) => {
        if (this.#child.pid === undefined) end(error.message);
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  run(message: RunMessage): void {
    // A channel that has closed tells by the end of the process.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
