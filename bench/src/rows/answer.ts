import type { BenchContext } from "../bench-context.js";
import { atMost } from "../figure.js";
import { watchMachine } from "../measure/machine.js";
import { waitForDestination } from "../processes/admin-client.js";
import { createRig, type Rig } from "../rig.js";
import { settle } from "./settle.js";

const RATE = 200;

/** What a sender waits longer when its answer is the destination's own, behind an agent, than when it is the relay's. */
export async function answerRows(context: BenchContext): Promise<void> {
  const rig = await createRig(context, "answer");
  try {
    await rig.startAgent("grpc");
    const noise = watchMachine();
    const atOnce = await roundTrip(context, rig);
    await waitForDestination(rig.server.http, rig.admin, rig.route);
    const waited = await roundTrip(context, rig);
    const seen = noise();
    const name = `answer of the destination, ${RATE}/s`;
    context.add({ name: `answered at once, ${RATE}/s: p50`, value: atOnce.p50, unit: "ms", noise: seen });
    context.add({
      name: `${name}: p50 added`,
      value: waited.p50 - atOnce.p50,
      unit: "ms",
      target: atMost(2),
      noise: seen,
    });
    context.add({ name: `${name}: p99`, value: waited.p99, unit: "ms", noise: seen });
  } finally {
    await rig.stop();
  }
}

/** Milliseconds from the moment a webhook was due to the sender's answer, at a constant rate. */
async function roundTrip(context: BenchContext, rig: Rig): Promise<{ p50: number; p99: number }> {
  const load = { port: rig.port, path: rig.route.path, payload: "1k", connections: 32, rate: RATE } as const;
  await settle(context, await context.run({ ...load, durationMs: context.pace.warmUpMs }));
  await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
  const result = await context.run({ ...load, durationMs: context.pace.openLoopMs });
  const { lost } = await settle(context, result);
  context.lost(lost, "answer rows");
  context.refusals(result, "answer rows");
  return result.latency;
}
