import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Where the schedule begins, behind the start of the pacer, in microseconds: time for the thread to receive it. */
const LEAD_MICROS = 20_000n;

export interface Pacer {
  /** Microseconds (`nowMicros`) at which the schedule begins; the first tick comes an interval later. */
  readonly startMicros: number;
  stop(): Promise<void>;
}

/**
 * Calls `tick` at every multiple of `intervalMs` milliseconds (fractions allowed) until stopped; ticks that a busy machine
 * missed are skipped. Timers of the event loop have a resolution of 1 ms, which would be most of a median latency of
 * 1 ms; a thread that sleeps on a futex is exact to some tens of microseconds and, unlike a busy loop, costs no core.
 */
export async function startPacer(intervalMs: number, tick: () => void): Promise<Pacer> {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const cell = new Int32Array(new SharedArrayBuffer(4));
     parentPort.once("message", ({ start, intervalMs }) => {
       const now = () => Number(process.hrtime.bigint() - start) / 1e6;
       for (let step = 1; ; step = Math.max(step + 1, Math.ceil(now() / intervalMs))) {
         const wait = step * intervalMs - now();
         if (wait > 0) Atomics.wait(cell, 0, 0, wait);
         parentPort.postMessage(0);
       }
     });`,
    { eval: true },
  );
  await once(worker, "online");
  worker.on("message", tick);
  const start = process.hrtime.bigint() + LEAD_MICROS * 1000n;
  worker.postMessage({ start, intervalMs });
  return {
    startMicros: Number(start / 1000n),
    async stop() {
      worker.off("message", tick);
      await worker.terminate();
    },
  };
}
