import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../bench-context.js";
import { createBenchPostgres, EMBEDDED_SETTINGS } from "../bench-postgres.js";
import { atMost } from "../figure.js";
import type { LoadResult } from "../load/run-load.js";
import { watchMachine } from "../measure/machine.js";
import { makePublic } from "../processes/admin-client.js";
import { createRig, PUBLIC_ENV, type Rig } from "../rig.js";
import { settle } from "./settle.js";

/** Webhooks per second that come in meanwhile, for another output. */
const INGEST_RATE = 500;

/** The storm ends the load; this is only when it does not. */
const LONGEST_MS = 600_000;

/** For what has to be done before the calm can be measured. */
const PREPARATION_MS = 10_000;

const schedule = (rig: Rig, dueAt: number) =>
  `UPDATE deliveries SET due_at = to_timestamp(${dueAt / 1_000}) WHERE output_id = '${rig.route.outputId}'`;

/** Takes in webhooks that nobody is there for. */
async function pileUp(context: BenchContext, rig: Rig, count: number) {
  const firstSequence = context.nextSequence();
  const unanswered: number[] = [];
  let answered = 0;
  while (answered < count) {
    const load = { port: rig.port, path: rig.route.path, payload: "1k", connections: 64, rate: 0 } as const;
    const result = await context.run({ ...load, durationMs: 250 });
    if (result.answered === 0) throw new Error(`retry storm: no webhook was taken in (${result.firstError})`);
    answered += result.answered;
    unanswered.push(...result.unanswered);
  }
  return { firstSequence, sent: context.nextSequence() - firstSequence, answered, unanswered };
}

/** Very many deliveries whose next attempt is due all at once, while webhooks come in for another output. */
export async function retryStormRows(context: BenchContext): Promise<void> {
  const count = context.pace.quick ? 20_000 : 100_000;
  const noise = watchMachine();
  const database = await createBenchPostgres(await context.folder("retry-storm-postgres"), EMBEDDED_SETTINGS);
  const options = { database: { url: database.url, pid: () => database.pid }, env: PUBLIC_ENV };
  try {
    const rig = await createRig(context, "retry-storm", options);
    try {
      const ingest = (durationMs: number): Promise<LoadResult> => {
        const load = {
          port: rig.port,
          path: rig.nobody.path,
          payload: "1k",
          connections: 32,
          rate: INGEST_RATE,
        } as const;
        return context.run({ ...load, durationMs });
      };
      context.note(`piling up ${count.toLocaleString("en")} deliveries`);
      const storm = await pileUp(context, rig, count);
      // Written long before it comes, so that the storm is the server's work alone.
      const { warmUpMs, openLoopMs } = context.pace;
      const dueAt = Date.now() + PREPARATION_MS + 3 * warmUpMs + openLoopMs;
      await database.query(schedule(rig, dueAt));
      await database.query("VACUUM ANALYZE deliveries");
      await database.query("CHECKPOINT");
      const { http } = rig.server;
      await makePublic(http, rig.admin, { route: rig.route, destination: context.destination.url });
      await ingest(3 * warmUpMs);
      const calm = await ingest(openLoopMs);
      if (Date.now() >= dueAt) throw new Error("retry storm: the machine is too slow, the storm came before its time");

      await context.destination.begin({ firstSequence: storm.firstSequence, trace: false });
      await sleep(dueAt - Date.now());
      const begin = performance.now();
      const meanwhile = ingest(LONGEST_MS);
      const settled = await settle(context, storm);
      const seconds = (performance.now() - begin) / 1000;
      await context.load.finish();
      const stormy = await meanwhile;
      const { duplicates } = await context.destination.report();

      const seen = noise();
      const name = `${count.toLocaleString("en")} retries due at once`;
      context.add({ name: `${name}: until all are delivered`, value: seconds, unit: "s", noise: seen });
      context.add({ name: `${name}: delivered`, value: storm.answered / seconds, unit: "delivered/s", noise: seen });
      context.add({ name: `${name}: delivered twice`, value: duplicates, unit: "webhooks", noise: seen });
      context.add({ name: `${name}: ingest p99 before`, value: calm.latency.p99, unit: "ms", noise: seen });
      context.add({ name: `${name}: ingest p99 meanwhile`, value: stormy.latency.p99, unit: "ms", noise: seen });
      context.add({
        name: `${name}: ingest p99 meanwhile to before`,
        value: (100 * stormy.latency.p99) / calm.latency.p99,
        unit: "%",
        target: atMost(200),
        noise: seen,
      });
      context.lost(settled.lost, name);
      context.refusals(calm, `${name}: before`);
      context.refusals(stormy, `${name}: meanwhile`);
    } finally {
      await rig.stop();
    }
  } finally {
    await database.stop("fast");
  }
}
