import { type ChildProcess, fork } from "node:child_process";
import type { Duplex } from "node:stream";
import type { FunctionResult } from "../function-result.js";
import type { HttpAnswer, HttpAsk } from "../http-ask.js";
import { ASK_FD, encodeAnswer } from "./ask-frames.js";
import { AskReader } from "./ask-reader.js";
import { workerEntry } from "./worker-entry.js";
import { workerFlags } from "./worker-flags.js";
import type { RunMessage, WorkerMessage } from "./worker-messages.js";

export interface WorkerEvents {
  ready(): void;
  /** Its function has a call made; it does nothing until it is answered. */
  asked(ask: HttpAsk): void;
  result(result: FunctionResult): void;
  /** It is gone, however that came; nothing follows. */
  ended(how: string): void;
}

/** One worker process, seen from the one that started it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #asks: Duplex;
  readonly #ended: Promise<void>;

  constructor(events: WorkerEvents) {
    this.#child = fork(workerEntry(), {
      execArgv: [...workerFlags()],
      // Local time of functions is UTC; nothing of our environment is for them.
      env: { TZ: "UTC" },
      cwd: "/",
      stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"],
      serialization: "advanced",
      // Ctrl-C in a terminal is for the server, which then stops its workers itself.
      detached: true,
    });
    this.#child.on("message", (message: WorkerMessage) => {
      if (message.kind === "ready") events.ready();
      else events.result(message.result);
    });
    this.#asks = this.#child.stdio[ASK_FD] as Duplex;
    this.#listen(events);
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

  answer(answer: HttpAnswer): void {
    this.#asks.write(encodeAnswer(answer));
  }

  /** Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #listen(events: WorkerEvents): void {
    const reader = new AskReader();
    this.#asks.on("data", (piece: Buffer) => {
      try {
        const ask = reader.push(piece);
        if (ask !== undefined) events.asked(ask);
      } catch {
        // Not what a worker of ours writes: whoever it is now, nothing more is to be heard of it.
        this.#asks.pause();
        void this.kill();
      }
    });
    // Of a process that ends, which is told by its end.
    this.#asks.on("error", () => undefined);
  }
}
