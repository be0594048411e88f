import type { BenchContext } from "../bench-context.js";
import { atLeast } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import type { Rig } from "../rig.js";
import { settle } from "./settle.js";

/** The highest constant rate at which every webhook is taken, none is lost and none arrives a second late. */
export async function highestCleanRateRow(context: BenchContext, rig: Rig): Promise<void> {
  const noise = watchMachine();
  const rates = context.pace.quick
    ? [1000, 2000, 3000, 5000, 7000, 9000]
    : [1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 11_000, 12_000];
  let highest = 0;
  for (const rate of rates) {
    let clean = false;
    // A second try: one hiccup of the machine is not the relay's limit.
    for (let attempt = 0; attempt < 2 && !clean; attempt += 1) {
      await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
      const load = { port: rig.port, path: rig.route.path, payload: "1k", connections: 64, rate } as const;
      const result = await context.run({ ...load, durationMs: context.pace.openLoopMs / 2 });
      const settled = await settle(context, result);
      const { late } = await context.destination.report();
      context.lost(settled.lost, `open loop at ${rate}/s`);
      clean = late === 0 && settled.lost === 0 && result.unanswered.length === 0 && result.unsent <= rate / 100;
      if (!clean)
        context.note(`at ${rate}/s: ${late} late, ${result.unanswered.length} not taken, ${result.unsent} not sent`);
    }
    if (!clean) break;
    highest = rate;
  }
  context.add({
    name: "highest clean constant rate, 1 KB",
    value: highest,
    unit: "delivered/s",
    target: atLeast(9000),
    noise: noise(),
  });
}
