import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ArrivalsReport, SequenceRange } from "../load/arrivals.js";
import { callChild } from "./rpc.js";

export interface DestinationProcess {
  readonly pid: number;
  readonly url: string;
  begin(options: { firstSequence: number; trace: boolean }): Promise<void>;
  report(): Promise<ArrivalsReport>;
  missing(range: SequenceRange): Promise<number[]>;
  /** From now on one request in `every` is answered after `ms`; 0: none. */
  sleepy(options: { every: number; ms: number }): Promise<void>;
  stop(): void;
}

/** Starts the destination as a process of its own, on a free port. */
export async function startDestination(): Promise<DestinationProcess> {
  const child = fork(fileURLToPath(new URL("../load/destination.js", import.meta.url)), { serialization: "advanced" });
  const call = callChild(child, "destination");
  const port = (await call("listen")) as number;
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}/hooks`,
    begin: async (options) => void (await call("begin", options)),
    report: () => call("report") as Promise<ArrivalsReport>,
    missing: (range) => call("missing", range) as Promise<number[]>,
    sleepy: async (options) => void (await call("sleepy", options)),
    stop: () => child.kill("SIGKILL"),
  };
}
