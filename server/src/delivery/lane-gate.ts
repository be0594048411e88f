import { hasFunction } from "../webhook-functions/has-function.js";
import type { Lane } from "./lane.js";

/** A lane that hands out fewer deliveries a second waits for its destination, not for this server. */
const FLOWING_PER_SECOND = 1_000;

/** The same where each delivery passes through a function, which is this server's own work and takes a core at this rate. */
const FLOWING_WITH_FUNCTION = 150;

/** Longest time a request waits for a full lane that flows, in milliseconds. */
const GATE_MS = 150;

/** Requests let in at a time when a place is free. */
const BURST = 64;

/**
 * Back-pressure: when a lane is full although it flows, this server is the bottleneck, and a request must wait for a place
 * so that delivery is not starved. A lane that stands (its destination is slow or away) holds nobody up: its webhooks wait
 * in the database.
 */
export class LaneGate {
  readonly #waiting = new WeakMap<Lane, (() => void)[]>();
  readonly #rates = new WeakMap<Lane, { handedOut: number; perSecond: number }>();

  /** Measures how fast a lane flows; called every `intervalMs`. */
  measure(lane: Lane, intervalMs: number): void {
    const before = this.#rates.get(lane)?.handedOut ?? 0;
    this.#rates.set(lane, { handedOut: lane.handedOut, perSecond: ((lane.handedOut - before) * 1000) / intervalMs });
  }

  /** Resolves when a request for this lane may go on; undefined when it may at once. */
  enter(lane: Lane): Promise<void> | undefined {
    if (lane.consumers.length === 0 || !lane.behind) return undefined;
    const flowing = hasFunction(lane.output) ? FLOWING_WITH_FUNCTION : FLOWING_PER_SECOND;
    if ((this.#rates.get(lane)?.perSecond ?? 0) < flowing) return undefined;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(lane) ?? [];
      this.#waiting.set(lane, waiting);
      const timer = setTimeout(resolve, GATE_MS);
      waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** A lane handed something out: lets some in when it has room again. */
  open(lane: Lane): void {
    const waiting = this.#waiting.get(lane);
    if (waiting === undefined || waiting.length === 0 || lane.behind) return;
    for (const enter of waiting.splice(0, BURST)) enter();
  }
}
