import type { BenchContext } from "../bench-context.js";
import { watchMachine } from "../measure/machine.js";
import { createFunction, createRoute, type Route } from "../processes/admin-client.js";
import { createRig, PUBLIC_ENV, type Rig } from "../rig.js";
import { deliverRow } from "./deliver.js";
import { settle } from "./settle.js";

/** Reads the JSON, changes it and writes it again: what most functions do. */
const SOURCE = `const event = JSON.parse(r.body);
event.number += 1;
event.seen = true;
r.setBody(JSON.stringify(event));`;

const RATE = 200;
const CONNECTIONS = 64;

/** A public output with a function in JavaScript that changes 1 KB of JSON, against the same output without. */
export async function functionRows(context: BenchContext): Promise<void> {
  const rig = await createRig(context, "function", { env: PUBLIC_ENV });
  try {
    const { http } = rig.server;
    const destination = context.destination.url;
    await createFunction(http, rig.admin, { name: "change", source: SOURCE });
    const plain = await createRoute(http, rig.admin, { bucket: "plain", destination, public: true });
    const changed = await createRoute(http, rig.admin, {
      bucket: "changed",
      destination,
      public: true,
      function: "change",
    });
    const noise = watchMachine();
    const loop = { connections: CONNECTIONS, payload: "1k" } as const;
    const rate = await deliverRow(context, rig, { name: "no function, 1 KB", ...loop, route: plain });
    const rateWith = await deliverRow(context, rig, { name: "function in JavaScript, 1 KB", ...loop, route: changed });
    const p50 = await latency(context, rig, plain);
    const p50With = await latency(context, rig, changed);
    const seen = noise();
    context.add({ name: "function: delivered, to none", value: (100 * rateWith) / rate, unit: "%", noise: seen });
    context.add({ name: `no function, ${RATE}/s: p50`, value: p50, unit: "ms", noise: seen });
    context.add({ name: `function, ${RATE}/s: p50 added`, value: p50With - p50, unit: "ms", noise: seen });
  } finally {
    await rig.stop();
  }
}

/** Median latency in milliseconds at a constant rate. */
async function latency(context: BenchContext, rig: Rig, route: Route): Promise<number> {
  const load = { port: rig.port, path: route.path, payload: "1k", connections: 32, rate: RATE } as const;
  await settle(context, await context.run({ ...load, durationMs: context.pace.warmUpMs }));
  await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
  const result = await context.run({ ...load, durationMs: context.pace.openLoopMs });
  const { lost } = await settle(context, result);
  context.lost(lost, "function rows at a constant rate");
  context.refusals(result, "function rows at a constant rate");
  return (await context.destination.report()).latency.p50;
}
