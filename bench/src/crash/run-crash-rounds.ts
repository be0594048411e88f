import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../bench-context.js";
import type { LoadOptions } from "../load/run-load.js";
import { startDestination } from "../processes/start-destination.js";
import { startLoad } from "../processes/start-load.js";
import { waitUntil } from "../wait-until.js";
import { seededRandom } from "./random.js";
import { VICTIM_NAMES, VICTIMS, type Victim, type VictimName } from "./victims.js";
import { createWorld, type World } from "./world.js";

export interface CrashOptions {
  readonly rounds: number;
  /** The same seed chooses the same victims and moments. */
  readonly seed: number;
  /** Only this one instead of the seed's choice. */
  readonly victim?: VictimName | undefined;
  /** One line per round. */
  readonly log: (line: string) => void;
}

export interface Summary {
  readonly rounds: number;
  /** Webhooks that were answered with 200. */
  readonly answered: number;
  /** Requests that were not: refused, or cut off by the crash. */
  readonly unanswered: number;
  /** Answered webhooks that never arrived. */
  readonly lost: number;
  /** Arrivals of what had arrived before, each with the same delivery id and a higher attempt number. */
  readonly duplicates: number;
  /** Duplicates that were not recognisable, rounds that did not recover. */
  readonly violations: readonly string[];
  /** Folder with the logs, kept when something was wrong. */
  readonly folder: string;
}

const RATE = 300;
/** The destination takes its time, so that a crash finds deliveries on their way: about RATE * this / 1000 of them. */
const DESTINATION_MS = 40;
/** Load before the strike, chosen by the seed, in milliseconds. */
const STRIKE_AFTER_MS = [150, 600] as const;
/** How long the victim is away. */
const DOWN_MS = [0, 400] as const;
/** Load after the recovery. */
const AFTERMATH_MS = 250;
/** Longest load; recovery normally ends it. */
const LOAD_MS = 60_000;
/** How long the answered webhooks of a round may take to arrive. */
const ARRIVAL_MS = 60_000;

/** Runs crash rounds with real processes and checks after each that every answered webhook arrived, recognisably. */
export async function runCrashRounds({ rounds, seed, victim, log }: CrashOptions): Promise<Summary> {
  const random = seededRandom(seed);
  const folder = await temporaryFolder();
  const load = startLoad();
  const destination = await startDestination();
  await destination.sleepy({ every: 1, ms: DESTINATION_MS });
  const worlds = new Map<boolean, World>();
  const pairTransport = random.pick(["grpc", "ws"] as const);
  // Every victim has its turn before one comes again.
  let bag: VictimName[] = [];
  const violations: string[] = [];
  const total = { answered: 0, unanswered: 0, lost: 0, duplicates: 0 };
  let sequence = 0;

  async function worldFor(pair: boolean): Promise<World> {
    const existing = worlds.get(pair);
    if (existing !== undefined) return existing;
    const path = join(folder, pair ? "pair" : "single");
    await mkdir(path);
    // Both transports, whatever the seed.
    const world = await createWorld({
      folder: path,
      transport: pair ? pairTransport : pairTransport === "ws" ? "grpc" : "ws",
      destination: destination.url,
      pair,
    });
    worlds.set(pair, world);
    await untilDelivering(world);
    return world;
  }

  /** A crash before the first delivery would prove little. */
  async function untilDelivering(world: World): Promise<void> {
    const first = sequence;
    const { sent } = await load.run({ ...loadOn(world), durationMs: 100, connections: 1 });
    sequence += sent;
    const range = { first, count: sent, except: [] };
    const ready = await waitUntil(async () => (await destination.missing(range)).length === 0, {
      timeoutMs: ARRIVAL_MS,
    });
    if (!ready) throw new Error("nothing arrives although nothing was killed yet");
  }

  function loadOn(world: World): LoadOptions {
    return {
      host: "127.0.0.1",
      port: Number(new URL(world.ingest.server.http).port),
      path: world.route.path,
      payload: "1k",
      durationMs: LOAD_MS,
      firstSequence: sequence,
      connections: 16,
      maxConnections: 32,
      rate: RATE,
    };
  }

  async function round(number: number): Promise<void> {
    if (bag.length === 0) bag = random.shuffle(VICTIM_NAMES);
    const name = victim ?? bag.pop() ?? "server";
    const chosen: Victim = VICTIMS[name];
    const strikeAfterMs = random.integer(...STRIKE_AFTER_MS);
    const downMs = random.integer(...DOWN_MS);
    const world = await worldFor(chosen.pair);
    const begin = performance.now();
    const first = sequence;
    await destination.begin({ firstSequence: first, trace: true });
    const running = load.run(loadOn(world));
    // A strike that fails ends the round before anybody waits for the load.
    running.catch(() => {});
    await sleep(strikeAfterMs);
    await chosen.strike(world, downMs);
    await sleep(AFTERMATH_MS);
    await load.finish();
    const result = await running;
    sequence += result.sent;
    const range = { first, count: result.sent, except: result.unanswered };
    await waitUntil(async () => (await destination.missing(range)).length === 0, { timeoutMs: ARRIVAL_MS });
    const missing = await destination.missing(range);
    await chosen.after?.(world);
    const report = await destination.report();
    total.answered += result.answered;
    total.unanswered += result.unanswered.length;
    total.lost += missing.length;
    total.duplicates += report.duplicates;
    violations.push(...report.violations.map((violation) => `round ${number} (${name}): ${violation}`));
    log(
      `round ${number}: ${name} after ${strikeAfterMs} ms, away ${downMs} ms, ${world.transport}: ` +
        `${result.answered} answered, ${result.unanswered.length} not, ${missing.length} lost, ` +
        `${report.duplicates} duplicates, ${report.violations.length} violations, ` +
        `${((performance.now() - begin) / 1000).toFixed(1)} s` +
        (missing.length > 0 ? `; lost: ${missing.slice(0, 10).join(", ")}` : ""),
    );
  }

  let done = 0;
  try {
    for (let number = 1; number <= rounds; number += 1) {
      await round(number);
      done = number;
    }
  } catch (error) {
    violations.push(`round ${done + 1} did not end: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    for (const world of worlds.values()) await world.stop().catch((error: Error) => violations.push(error.message));
    load.stop();
    destination.stop();
  }
  if (total.lost === 0 && violations.length === 0) await rm(folder, { recursive: true, force: true });
  return { rounds: done, ...total, violations, folder };
}
