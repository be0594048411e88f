import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

export interface NodeProcessOptions {
  /** For messages, such as "server". */
  readonly name: string;
  /** Arguments of node: the script and its own. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Everything the process prints is appended here. */
  readonly logFile: string;
  /** Where V8 writes a CPU profile when the process ends; undefined: no profile. */
  readonly cpuProfileDir?: string | undefined;
}

export interface NodeProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Resolves with the first printed line that `find` turns into a value; rejects when the process ends or time is up. */
  waitForLine<T>(find: (line: string) => T | undefined, timeoutMs: number): Promise<T>;
  /** SIGTERM, and SIGKILL after 20 s. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

const STOP_MS = 20_000;
const LAST_LINES = 15;

/** Starts one of our programs as a process of its own, with nothing of this process's environment but PATH. */
export function startNodeProcess({ name, argv, env, logFile, cpuProfileDir }: NodeProcessOptions): NodeProcess {
  const profile =
    cpuProfileDir === undefined
      ? []
      : [
          "--cpu-prof",
          `--cpu-prof-dir=${cpuProfileDir}`,
          `--cpu-prof-name=${name}-${process.pid}-${Date.now()}.cpuprofile`,
        ];
  const child = spawn(process.execPath, [...profile, ...argv], {
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(logFile, { flags: "a" });
  const listeners = new Set<(line: string) => void>();
  const last: string[] = [];
  let running = true;
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => {
      running = false;
      log.end();
      resolve();
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      log.write(text);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
        for (const listener of listeners) listener(line);
      }
    });
  }

  return {
    pid: child.pid ?? 0,
    child,
    ended,
    waitForLine: (find, timeoutMs) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => fail(`did not get ready within ${timeoutMs} ms`), timeoutMs);
        const listener = (line: string) => {
          const value = find(line);
          if (value === undefined) return;
          clearTimeout(timer);
          listeners.delete(listener);
          resolve(value);
        };
        function fail(what: string): void {
          clearTimeout(timer);
          listeners.delete(listener);
          reject(new Error(`${name}: ${what}. Its last lines (all are in ${logFile}):\n${last.join("\n")}`));
        }
        listeners.add(listener);
        for (const line of last) if (listeners.has(listener)) listener(line);
        void ended.then(() => listeners.has(listener) && fail("ended"));
      }),
    async stop() {
      if (!running) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
