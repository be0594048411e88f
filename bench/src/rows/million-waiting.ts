import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../bench-context.js";
import { createBenchPostgres, EMBEDDED_SETTINGS } from "../bench-postgres.js";
import type { Target } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import { createRig, type Rig } from "../rig.js";
import { settle } from "./settle.js";

const CHANGES_LITTLE: Target = { text: ">= 80 % of empty", reached: (value) => value >= 80 };

/** Rows of webhooks that wait for the output that no agent serves; small, because only their number matters here. */
function seed(rig: Rig, count: number): string {
  const { bucketId, inputId, outputId } = rig.nobody;
  return `WITH waiting AS (
      INSERT INTO webhooks (id, bucket_id, input_id, key_version, sealed)
      SELECT uuidv7(), '${bucketId}', '${inputId}', 1, '\\x${"00".repeat(64)}' FROM generate_series(1, ${count}) RETURNING id
    )
    INSERT INTO deliveries (id, webhook_id, bucket_id, output_id, size) SELECT id, id, '${bucketId}', '${outputId}', 64 FROM waiting`;
}

/** Webhooks pile up while the agent is away, then it comes: how fast are they claimed and delivered? */
async function drainRate(context: BenchContext, rig: Rig): Promise<number> {
  await rig.stopAgent();
  await sleep(500);
  await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
  const load = { port: rig.port, path: rig.route.path, payload: "1k", connections: 64, rate: 0 } as const;
  const result = await context.run({ ...load, durationMs: context.pace.quick ? 1_000 : 2_500 });
  const starting = rig.startAgent("grpc");
  while ((await context.destination.report()).distinct === 0) await sleep(5);
  const first = performance.now();
  const settled = await settle(context, result);
  const seconds = (performance.now() - first) / 1000;
  await starting;
  context.lost(settled.lost, "backlog of an agent that was away");
  return result.answered / seconds;
}

async function ingestRate(context: BenchContext, rig: Rig): Promise<number> {
  const load = { port: rig.port, path: rig.nobody.path, payload: "1k", connections: 64, rate: 0 } as const;
  await context.run({ ...load, durationMs: context.pace.warmUpMs });
  const result = await context.run({ ...load, durationMs: context.pace.ingestMs });
  return result.answeredInTime / result.seconds;
}

/** Ingest and claim with a long queue against an empty one, on a database of the bench's own. */
export async function millionWaitingRows(context: BenchContext): Promise<void> {
  const count = context.pace.quick ? 100_000 : 1_000_000;
  const noise = watchMachine();
  const database = await createBenchPostgres(await context.folder("postgres"), EMBEDDED_SETTINGS);
  try {
    const rig = await createRig(context, "million", {
      database: { url: database.url, pid: () => database.pid },
      // What is measured is the claim, not the pace that spares a destination.
      env: { RESUME_RATE: "1000000" },
    });
    try {
      await rig.startAgent("grpc");
      // Once for warming up: the first pass of a fresh server would make the long queue look better than the empty one.
      await drainRate(context, rig);
      const drainEmpty = await drainRate(context, rig);
      const ingestEmpty = await ingestRate(context, rig);
      await rig.stopAgent();
      context.note(`seeding ${count.toLocaleString("en")} waiting deliveries`);
      for (let done = 0; done < count; done += 50_000) await database.query(seed(rig, Math.min(50_000, count - done)));
      await database.query("VACUUM ANALYZE deliveries");
      await database.query("CHECKPOINT");
      await rig.startAgent("grpc");
      const drainFull = await drainRate(context, rig);
      const ingestFull = await ingestRate(context, rig);
      const seen = noise();
      const waiting = `${count.toLocaleString("en")} waiting`;
      context.add({ name: "ingest, empty table", value: ingestEmpty, unit: "answered/s", noise: seen });
      context.add({ name: `ingest, ${waiting}`, value: ingestFull, unit: "answered/s", noise: seen });
      context.add({
        name: `ingest, ${waiting}, to empty`,
        value: (100 * ingestFull) / ingestEmpty,
        unit: "%",
        target: CHANGES_LITTLE,
        noise: seen,
      });
      context.add({
        name: "backlog claimed and delivered, empty table",
        value: drainEmpty,
        unit: "delivered/s",
        noise: seen,
      });
      context.add({
        name: `backlog claimed and delivered, ${waiting}`,
        value: drainFull,
        unit: "delivered/s",
        noise: seen,
      });
      context.add({
        name: `backlog, ${waiting}, to empty`,
        value: (100 * drainFull) / drainEmpty,
        unit: "%",
        target: CHANGES_LITTLE,
        noise: seen,
      });
    } finally {
      await rig.stop();
    }
  } finally {
    await database.stop("fast");
  }
}
