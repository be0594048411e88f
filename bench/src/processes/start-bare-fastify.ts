import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { callChild } from "./rpc.js";

export interface BareFastify {
  readonly port: number;
  stop(): void;
}

/** Starts the yardstick as a process of its own, on a free port. */
export async function startBareFastify(): Promise<BareFastify> {
  const child = fork(fileURLToPath(new URL("../load/bare-fastify.js", import.meta.url)), { serialization: "advanced" });
  const port = (await callChild(child, "bare fastify")("listen")) as number;
  return { port, stop: () => child.kill("SIGKILL") };
}
