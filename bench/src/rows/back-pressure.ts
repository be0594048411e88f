import type { BenchContext } from "../bench-context.js";
import { atMost } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import type { Rig } from "../rig.js";
import { settle } from "./settle.js";

/** One webhook in a hundred sleeps 5 s at the destination, at 200/s: what do the others notice? */
export async function backPressureRow(context: BenchContext, rig: Rig): Promise<void> {
  const load = { port: rig.port, path: rig.route.path, payload: "1k", connections: 32, rate: 200 } as const;
  await settle(context, await context.run({ ...load, durationMs: context.pace.warmUpMs }));
  const noise = watchMachine();
  await context.destination.sleepy({ every: 100, ms: 5_000 });
  await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
  const result = await context.run({ ...load, durationMs: context.pace.quick ? 7_000 : 20_000 });
  const settled = await settle(context, result);
  const { latency } = await context.destination.report();
  await context.destination.sleepy({ every: 0, ms: 0 });
  const name = "1 in 100 sleeps 5 s, 200/s: the others'";
  context.add({ name: `${name} p50`, value: latency.p50, unit: "ms", noise: noise() });
  context.add({ name: `${name} p99`, value: latency.p99, unit: "ms", target: atMost(20), noise: noise() });
  context.lost(settled.lost, name);
}
