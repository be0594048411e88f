import type { BenchContext } from "../bench-context.js";
import { atLeastRatio } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import type { Rig } from "../rig.js";

/** Ingest alone: durable, encrypted, answered after commit; no agent serves the output. */
export async function ingestRows(context: BenchContext, rig: Rig): Promise<void> {
  for (const connections of [64, 256]) {
    const load = { port: rig.port, path: rig.nobody.path, payload: "1k", connections, rate: 0 } as const;
    await context.run({ ...load, durationMs: context.pace.warmUpMs });
    const noise = watchMachine();
    const result = await context.run({ ...load, durationMs: context.pace.ingestMs });
    const rate = result.answeredInTime / result.seconds;
    const bare = context.bare.get(`${connections}`);
    const name = `ingest alone, 1 KB, ${connections} connections`;
    context.add({
      name,
      value: rate,
      unit: "answered/s",
      ratio: bare === undefined ? undefined : rate / bare,
      target: atLeastRatio(0.5),
      noise: noise(),
    });
    context.add({ name: `${name}: p99 of the answer`, value: result.latency.p99, unit: "ms", noise: noise() });
    context.refusals(result, name);
  }
}
