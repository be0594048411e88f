import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchContext } from "../bench-context.js";
import type { LoadResult } from "../load/run-load.js";

export interface Settled {
  /** Answered webhooks that never arrived. */
  readonly lost: number;
  /** Share of answered webhooks that had arrived 5 s after the load's end, in per cent. */
  readonly percentAfter5s: number;
}

/** How long nothing may arrive before what is missing counts as lost, in milliseconds. */
const STANDSTILL_MS = 20_000;

/** Waits until every answered webhook of a load arrived, or until none has for a while. */
export async function settle(
  context: BenchContext,
  load: Pick<LoadResult, "firstSequence" | "sent" | "answered" | "unanswered">,
): Promise<Settled> {
  const range = { first: load.firstSequence, count: load.sent, except: load.unanswered };
  const begin = performance.now();
  let percentAfter5s = -1;
  let fewest = Number.POSITIVE_INFINITY;
  let progressAt = begin;
  for (;;) {
    const { length: missing } = await context.destination.missing(range);
    const now = performance.now();
    if (missing < fewest) {
      fewest = missing;
      progressAt = now;
    }
    if (percentAfter5s < 0 && (now - begin >= 5_000 || missing === 0)) {
      percentAfter5s = load.answered === 0 ? 100 : 100 * (1 - missing / load.answered);
    }
    if (missing === 0 || now - progressAt > STANDSTILL_MS) return { lost: missing, percentAfter5s };
    await sleep(missing < 1_000 ? 50 : 200);
  }
}
