import type { BenchContext } from "../bench-context.js";
import { watchMachine } from "../measure/machine.js";
import { startBareFastify } from "../processes/start-bare-fastify.js";

/** Bare fastify answering 200 to the same bytes: the yardstick of the repeat. */
export async function bareRows(context: BenchContext): Promise<void> {
  const bare = await startBareFastify();
  try {
    for (const [connections, payload] of [
      [16, "1k"],
      [64, "1k"],
      [256, "1k"],
      [64, "github"],
    ] as const) {
      const load = { port: bare.port, path: "/v1/webhooks/bench", payload, connections, rate: 0 };
      await context.run({ ...load, durationMs: context.pace.warmUpMs / 2 });
      const noise = watchMachine();
      const result = await context.run({ ...load, durationMs: context.pace.ingestMs });
      const rate = result.answeredInTime / result.seconds;
      context.bare.set(payload === "1k" ? `${connections}` : `${connections}-${payload}`, rate);
      const size = payload === "1k" ? "1 KB" : "7.7 KB";
      context.add({
        name: `bare fastify, ${size}, ${connections} connections`,
        value: rate,
        unit: "req/s",
        ratio: 1,
        noise: noise(),
      });
    }
  } finally {
    bare.stop();
  }
}
