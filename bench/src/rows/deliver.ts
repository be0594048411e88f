import type { BenchContext } from "../bench-context.js";
import { atLeast, atMost, type Target } from "../figure.js";
import type { PayloadKind } from "../load/payload.js";
import { watchMachine } from "../measure/machine.js";
import { residentMiB } from "../measure/process-usage.js";
import type { Route } from "../processes/admin-client.js";
import type { Rig } from "../rig.js";
import { settle } from "./settle.js";

export interface DeliverOptions {
  readonly name: string;
  readonly connections: number;
  readonly payload: PayloadKind;
  readonly target?: Target;
  /** Where the webhooks go; by default what the agent serves. */
  readonly route?: Route;
}

/**
 * Closed loop, POST -> agent, or the server itself -> destination: deliveries that arrived while the load ran, per second.
 * Returns how many.
 */
export async function deliverRow(context: BenchContext, rig: Rig, options: DeliverOptions): Promise<number> {
  const { name, connections, payload, target, route = rig.route } = options;
  const load = { port: rig.port, path: route.path, payload, connections, rate: 0 };
  await settle(context, await context.run({ ...load, durationMs: context.pace.warmUpMs }));

  const noise = watchMachine();
  const cpuBefore = await rig.cpuSeconds();
  const serverCpuBefore = await rig.serverCpuSeconds();
  let serverMiB = 0;
  let agentMiB = 0;
  const sampler = setInterval(() => {
    serverMiB = Math.max(serverMiB, residentMiB(rig.server.pid));
    agentMiB = Math.max(agentMiB, residentMiB(rig.agent?.pid ?? 0));
  }, 250);
  await context.destination.begin({ firstSequence: context.nextSequence(), trace: false });
  const begin = performance.now();
  const result = await context.run({ ...load, durationMs: context.pace.closedLoopMs });
  const { distinct } = await context.destination.report();
  const rate = distinct / ((performance.now() - begin) / 1000);
  clearInterval(sampler);
  const settled = await settle(context, result);
  const cpu = (await rig.cpuSeconds()) - cpuBefore;
  const serverCpu = (await rig.serverCpuSeconds()) - serverCpuBefore;
  const seen = noise();
  const bare = context.bare.get(payload === "1k" ? `${connections}` : `${connections}-${payload}`);

  context.add({
    name,
    value: rate,
    unit: "delivered/s",
    ratio: bare === undefined ? undefined : rate / bare,
    target,
    noise: seen,
  });
  const accepted = result.answeredInTime / result.seconds;
  context.add({
    name: `${name}: accepted meanwhile`,
    value: accepted,
    unit: "answered/s",
    ratio: bare === undefined ? undefined : accepted / bare,
    noise: seen,
  });
  context.add({
    name: `${name}: delivered 5 s after the end`,
    value: settled.percentAfter5s,
    unit: "%",
    target: atLeast(99),
    noise: seen,
  });
  context.add({ name: `${name}: lost`, value: settled.lost, unit: "webhooks", target: atMost(0), noise: seen });
  context.add({
    name: `${name}: CPU of ${rig.agent === undefined ? "server" : "server, agent"} and PostgreSQL`,
    value: (cpu / Math.max(1, result.answered)) * 1000,
    unit: "s per 1,000",
    target: payload === "1k" && rig.agent !== undefined ? atMost(0.3) : undefined,
    noise: seen,
  });
  context.add({
    name: `${name}: CPU of the server`,
    value: (serverCpu / Math.max(1, result.answered)) * 1000,
    unit: "s per 1,000",
    noise: seen,
  });
  context.add({ name: `${name}: server RSS at most`, value: serverMiB, unit: "MiB", noise: seen });
  if (rig.agent !== undefined) {
    context.add({ name: `${name}: agent RSS at most`, value: agentMiB, unit: "MiB", noise: seen });
  }
  context.lost(settled.lost, name);
  context.refusals(result, name);
  return rate;
}
