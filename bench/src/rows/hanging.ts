import type { BenchContext } from "../bench-context.js";
import { atMost } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import { createRoute } from "../processes/admin-client.js";
import { startDestination } from "../processes/start-destination.js";
import { startLoad } from "../processes/start-load.js";
import { createRig, PUBLIC_ENV, type Rig } from "../rig.js";
import { settle } from "./settle.js";

const OUTPUTS = 50;

/** Webhooks per second of each output. */
const RATE = 10;

/** An answer so late that nobody waits for it. */
const NEVER_MS = 3_600_000;

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Public outputs in buckets of their own, one of which hangs: it takes requests and never answers. What do the others notice? */
export async function hangingRows(context: BenchContext): Promise<void> {
  const rig = await createRig(context, "hanging", { env: PUBLIC_ENV });
  // The one that hangs has a destination and a load of its own, so that the books of the others are not touched.
  const odd = await startDestination();
  const oddLoad = startLoad();
  try {
    const paths: string[] = [];
    for (let i = 1; i < OUTPUTS; i += 1) {
      const options = { bucket: `others-${i}`, destination: context.destination.url, public: true };
      paths.push((await createRoute(rig.server.http, rig.admin, options)).path);
    }
    const oddRoute = { bucket: "odd", destination: odd.url, public: true };
    const { path: oddPath } = await createRoute(rig.server.http, rig.admin, oddRoute);
    let oddSent = 0;
    const postOdd = async (durationMs: number) => {
      const load = {
        host: "127.0.0.1",
        port: rig.port,
        path: oddPath,
        payload: "1k",
        connections: 2,
        rate: RATE,
      } as const;
      const result = await oddLoad.run({ ...load, durationMs, firstSequence: oddSent });
      oddSent += result.sent;
      context.refusals(result, "hanging output");
    };
    const noise = watchMachine();
    const measured = () => measureOthers(context, rig, { paths, postOdd });

    // A fresh server is slower: the first pass would make the one that hangs look harmless.
    await measured();
    const without = await measured();
    const range = { first: 0, count: oddSent, except: [] };
    context.lost((await odd.missing(range)).length, "the output that will hang");
    await odd.sleepy({ every: 1, ms: NEVER_MS });
    const hanging = await measured();

    const seen = noise();
    const name = `${OUTPUTS} public outputs, ${OUTPUTS * RATE}/s`;
    context.add({ name: `${name}, none hangs: p50`, value: without.p50, unit: "ms", noise: seen });
    context.add({ name: `${name}, none hangs: p99`, value: without.p99, unit: "ms", noise: seen });
    context.add({ name: `${name}, one hangs: the others' p50`, value: hanging.p50, unit: "ms", noise: seen });
    context.add({ name: `${name}, one hangs: the others' p99`, value: hanging.p99, unit: "ms", noise: seen });
    context.add({
      name: `${name}: the others' p99, one hangs to none`,
      value: (100 * hanging.p99) / without.p99,
      unit: "%",
      target: atMost(120),
      noise: seen,
    });
  } finally {
    oddLoad.stop();
    odd.stop();
    await rig.stop();
  }
}

async function measureOthers(
  context: BenchContext,
  rig: Rig,
  { paths, postOdd }: { paths: readonly string[]; postOdd(durationMs: number): Promise<void> },
): Promise<Latency> {
  const load = {
    port: rig.port,
    path: paths,
    payload: "1k",
    connections: paths.length,
    rate: paths.length * RATE,
  } as const;
  const both = async (durationMs: number) => {
    const [result] = await Promise.all([context.run({ ...load, durationMs }), postOdd(durationMs)]);
    return result;
  };
  // Long enough for the one that hangs to have as many calls under way as it may.
  await settle(context, await both(context.pace.warmUpMs + 3_000));
  await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
  const result = await both(context.pace.openLoopMs * 2);
  const { lost } = await settle(context, result);
  context.lost(lost, "outputs beside one that hangs");
  context.refusals(result, "outputs beside one that hangs");
  return (await context.destination.report()).latency;
}
