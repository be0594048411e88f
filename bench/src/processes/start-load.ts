import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LoadOptions, LoadResult } from "../load/run-load.js";
import { callChild } from "./rpc.js";

export interface LoadProcess {
  readonly pid: number;
  run(options: LoadOptions): Promise<LoadResult>;
  /** Ends the running load before its time; its `run` resolves. */
  finish(): Promise<void>;
  stop(): void;
}

/** Starts the load generator as a process of its own. */
export function startLoad(): LoadProcess {
  const child = fork(fileURLToPath(new URL("../load/load-generator.js", import.meta.url)), {
    serialization: "advanced",
  });
  const call = callChild(child, "load generator");
  return {
    pid: child.pid ?? 0,
    run: (options) => call("run", options) as Promise<LoadResult>,
    finish: async () => void (await call("finish")),
    stop: () => child.kill("SIGKILL"),
  };
}
