import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./support/delivery-invariants.js";
import { type FaultMenu, startFaultMenu } from "./support/fault-menu.js";
import { type FaultStep, faultSteps } from "./support/fault-steps.js";
import { type FaultWorld, startFaultWorld } from "./support/fault-world.js";

/** `npm run faults -- --rounds N --seed S` makes more of them, or the same ones again. */
const ROUNDS = Number(process.env.ROUNDS ?? 2);
const SEED = Number(process.env.SEED ?? 4);
const STEPS = 40;

let menu: FaultMenu;
let world: FaultWorld;
beforeAll(async () => {
  menu = await startFaultMenu();
  world = await startFaultWorld(menu);
});
afterAll(async () => {
  for (const server of [...(world?.servers ?? [])].reverse()) await server.close();
  await menu?.close();
});

const seeds = Array.from({ length: ROUNDS }, (_, i) => SEED + i);

test.each(seeds)(
  "what was answered is delivered or says why not, whatever happens (seed %i)",
  async (seed) => {
    const started = performance.now();
    const round = await world.round(`round-${seed}`);
    const steps = faultSteps(seed, STEPS);
    for (const step of steps) await round.take(step);
    await round.settle();
    const { broken, ...counts } = await findings(round);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`seed ${seed}: ${seconds} s, ${told(steps)}; ${listed(counts)}; ${broken.length} broken`);
    expect(broken).toEqual([]);
    // Each freeze leaves at most what the server had in hand of nine outputs; a slow machine is one more.
    expect(counts.overlapping).toBeLessThanOrEqual(9 * 32 * (world.freezes + 1));
  },
  120_000,
);

function told(steps: readonly FaultStep[]): string {
  const faults = ["kill", "freeze", "cut-database", "set-clock", "resend"] as const;
  return faults.map((fault) => `${steps.filter(({ kind }) => kind === fault).length} ${fault}`).join(", ");
}

const listed = (counts: object) =>
  Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");
