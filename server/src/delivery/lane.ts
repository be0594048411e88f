import type { Output } from "../catalog/model.js";
import { hasFunction } from "../webhook-functions/has-function.js";
import { Fifo } from "./fifo.js";
import type { HeldDelivery } from "./held-delivery.js";
import { isGoverned, type OutputPolicy, outputPolicy } from "./output-policy.js";

/** A session that serves a lane, seen from the lane. */
export interface LaneConsumer {
  /** How many more deliveries it takes now; 0 when it has no credit. */
  free(): number;
  take(delivery: HeldDelivery): void;
}

/** Deliveries a lane keeps in memory ahead of its agents' credit; what comes on top waits in the database. */
export const QUEUE_LIMIT = 2_000;
const QUEUE_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * Room above that for what was let in while there was room, and is planned when there is none: in the database it would cost
 * the lane its memory, and a claim for each few that its consumers have credit for.
 */
const UNDERWAY = 512;
const UNDERWAY_BYTES = 4 * 1024 * 1024;

/** The same where each passes through a function first: a bucket's runs are few at a time, and more would be refused. */
export const FUNCTION_LIMIT = 64;

/**
 * The queue of one output on this server (of one output and one agent, when each agent gets its own delivery). Slow
 * destinations fill only their own lane.
 *
 * A lane is `live` when nothing, or next to nothing, waits for it in the database: then new webhooks are handed over from
 * memory as soon as they are committed. While a last claim is under way they line up behind it, so that the order holds
 * and a busy lane still gets back to being live. A lane that is far behind has new webhooks written as waiting, and
 * claims them in their turn.
 */
export class Lane {
  readonly outputId: string;
  readonly bucketId: string;
  /** 0: any agent of the bucket. */
  readonly agentId: number;
  readonly consumers: LaneConsumer[] = [];
  readonly #queue = new Fifo<HeldDelivery>();
  /** Committed while older ones may wait in the database: handed out when those have been claimed. */
  #behind: HeldDelivery[] = [];
  #queuedBytes = 0;
  #reserved = 0;
  /** Counts what may have made deliveries wait in the database, so that a claim knows whether news came while it ran. */
  #backlogMark = 1;
  #drainedMark = 0;
  /** The last claim took all there was. */
  #nearlyDrained = false;
  /** As it is configured now. */
  output: Output;
  /** Its pace lets nothing more go before; milliseconds of a monotonic clock. */
  pausedUntil = 0;
  claiming = false;
  /** Catching up with what the agents missed: paced. */
  resuming = true;
  #handedOut = 0;
  /** New webhooks went to the database for want of room, and have not all been claimed since. */
  #overflowed = false;

  constructor(output: Output, agentId: number) {
    this.outputId = output.id;
    this.bucketId = output.bucketId;
    this.agentId = agentId;
    this.output = output;
  }

  get policy(): OutputPolicy {
    return outputPolicy(this.output);
  }

  /** Its deliveries go through the database, which alone knows what other servers have in hand. */
  get governed(): boolean {
    return isGoverned(this.policy);
  }

  /** True when a new webhook may be held for handing over from memory. */
  get live(): boolean {
    return this.consumers.length > 0 && (this.#nearlyDrained || !this.hasBacklog) && !this.#overfull;
  }

  get full(): boolean {
    return this.queued + this.#reserved >= this.#limit || this.#queuedBytes >= QUEUE_LIMIT_BYTES;
  }

  /** More comes than goes: memory is full, or what found no room in it waits in the database. */
  get behind(): boolean {
    return this.full || (this.#overflowed && this.hasBacklog);
  }

  get #overfull(): boolean {
    if (hasFunction(this.output)) return this.full;
    return (
      this.queued + this.#reserved >= QUEUE_LIMIT + UNDERWAY || this.#queuedBytes >= QUEUE_LIMIT_BYTES + UNDERWAY_BYTES
    );
  }

  get #limit(): number {
    return hasFunction(this.output) ? FUNCTION_LIMIT : QUEUE_LIMIT;
  }

  /** Deliveries in memory that no agent has. */
  get queued(): number {
    return this.#queue.length + this.#behind.length;
  }

  /** True when nobody would notice that the lane is gone. */
  get idle(): boolean {
    return this.consumers.length === 0 && this.queued === 0 && this.#reserved === 0 && !this.claiming;
  }

  get hasBacklog(): boolean {
    return this.#backlogMark !== this.#drainedMark;
  }

  get backlogMark(): number {
    return this.#backlogMark;
  }

  /** Deliveries handed to agents so far: tells a lane that flows from one that stands. */
  get handedOut(): number {
    return this.#handedOut;
  }

  /** How many deliveries its agents could take beyond what is queued. */
  get room(): number {
    let free = 0;
    for (const consumer of this.consumers) free += consumer.free();
    // What lines up behind the database must not keep off the claims that it waits for.
    const room = free - this.#queue.length;
    return hasFunction(this.output) ? Math.min(room, FUNCTION_LIMIT - this.#reserved) : room;
  }

  markBacklog(): void {
    this.#backlogMark += 1;
  }

  /** A first agent is there after none was: it must be assumed to be far behind. */
  startResuming(): void {
    this.markBacklog();
    this.resuming = true;
    this.#nearlyDrained = false;
  }

  /** A new webhook is not held. */
  notHeld(): void {
    if (this.consumers.length > 0 && this.#overfull) this.#overflowed = true;
  }

  reserve(): void {
    this.#reserved += 1;
  }

  unreserve(): void {
    this.#reserved -= 1;
  }

  /** A held delivery whose commit is done. */
  push(delivery: HeldDelivery): void {
    this.#queuedBytes += delivery.request.length;
    if (!delivery.ephemeral && (this.claiming || this.hasBacklog)) this.#behind.push(delivery);
    else this.#queue.push(delivery);
  }

  /**
   * A claim ended: its deliveries, and what was committed meanwhile, in their order. `drained`: nothing more waited when
   * the mark was `mark`.
   */
  claimed(deliveries: readonly HeldDelivery[], { drained, mark }: { drained: boolean; mark: number }): void {
    this.claiming = false;
    this.#nearlyDrained = drained;
    if (drained) this.#drainedMark = mark;
    if (!this.hasBacklog) {
      this.resuming = false;
      this.#overflowed = false;
    }
    for (const delivery of deliveries) this.#queuedBytes += delivery.request.length;
    // What still waits in the database is newer than the last one claimed; it goes before what is newer than that.
    const last = this.hasBacklog ? (deliveries.at(-1)?.id ?? "") : undefined;
    const ready = last === undefined ? this.#behind : this.#behind.filter(({ id }) => id < last);
    this.#behind = last === undefined ? [] : this.#behind.filter(({ id }) => id >= last);
    const all = ready.length === 0 ? deliveries : [...deliveries, ...ready].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const delivery of all) this.#queue.push(delivery);
  }

  /** The oldest in memory that no agent has. */
  peek(): HeldDelivery | undefined {
    return this.#queue.peek();
  }

  shift(): HeldDelivery | undefined {
    const delivery = this.#queue.shift();
    if (delivery !== undefined) this.#queuedBytes -= delivery.request.length;
    return delivery;
  }

  /** Hands out as much as the agents' credit allows, to the one with most credit first. */
  pump(): void {
    while (this.#queue.length > 0) {
      let best: LaneConsumer | undefined;
      let most = 0;
      for (const consumer of this.consumers) {
        const free = consumer.free();
        if (free > most) {
          most = free;
          best = consumer;
        }
      }
      if (best === undefined) return;
      // One consumer: spend its credit in one go.
      let burst = this.consumers.length === 1 ? most : 1;
      while (burst > 0) {
        const delivery = this.shift();
        if (delivery === undefined) return;
        this.#handedOut += 1;
        best.take(delivery);
        burst -= 1;
        if (burst > 0 && best.free() === 0) break;
      }
    }
  }

  /** Takes out all that is queued. */
  drain(): HeldDelivery[] {
    this.#queuedBytes = 0;
    const behind = this.#behind;
    this.#behind = [];
    return [...this.#queue.drain(), ...behind];
  }
}
