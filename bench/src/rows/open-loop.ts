import type { BenchContext } from "../bench-context.js";
import { atMost, type Target } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import type { Rig } from "../rig.js";
import { settle } from "./settle.js";

const TARGETS: Readonly<Record<number, { p50: Target; p99: Target }>> = {
  1000: { p50: atMost(1.2), p99: atMost(7) },
  2000: { p50: atMost(1.5), p99: atMost(10) },
};

/** Constant rates, latency from the moment a webhook was due to its arrival at the destination. */
export async function openLoopRows(context: BenchContext, rig: Rig): Promise<void> {
  for (const rate of [100, 500, 1000, 2000]) {
    const load = { port: rig.port, path: rig.route.path, payload: "1k", connections: 32, rate } as const;
    await settle(context, await context.run({ ...load, durationMs: context.pace.warmUpMs }));
    const noise = watchMachine();
    await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
    const result = await context.run({ ...load, durationMs: context.pace.openLoopMs });
    const settled = await settle(context, result);
    const { latency } = await context.destination.report();
    const seen = noise();
    const name = `open loop, 1 KB, ${rate.toLocaleString("en")}/s`;
    context.add({ name: `${name}: p50`, value: latency.p50, unit: "ms", target: TARGETS[rate]?.p50, noise: seen });
    context.add({ name: `${name}: p90`, value: latency.p90, unit: "ms", noise: seen });
    context.add({ name: `${name}: p99`, value: latency.p99, unit: "ms", target: TARGETS[rate]?.p99, noise: seen });
    context.add({
      name: `${name}: p99 of the generator's own lateness`,
      value: result.lateness.p99,
      unit: "ms",
      noise: seen,
    });
    context.lost(settled.lost, name);
    context.refusals(result, name);
  }
}
