import type pg from "pg";
import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import type { Bucket, Output } from "../catalog/model.js";
import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import type { Hint } from "../hint/hint.js";
import { idBytes, idText, idTime, newId } from "../ids.js";
import { type ClaimedDelivery, claimDeliveries } from "../store/claim-deliveries.js";
import { type Completion, STATUS } from "../store/complete-deliveries.js";
import { lanesWithBacklog } from "../store/lanes-with-backlog.js";
import { releaseDeliveries, releaseUnknown } from "../store/release-deliveries.js";
import type { Handover, IncomingWebhook, PlannedDelivery } from "../store/webhook-writer.js";
import type { Completions } from "./completions.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { KnownAgents } from "./known-agents.js";
import { Lane, type LaneConsumer } from "./lane.js";

/** Most deliveries and bytes one claim takes. */
const CLAIM_LIMIT = 256;
const CLAIM_BYTES = 8 * 1024 * 1024;

const POLL_MS = 1_000;

/** A lane that hands out fewer deliveries a second waits for its destination, not for this server. */
const FLOWING_PER_SECOND = 1_000;

/** Longest time a request waits for a full lane that flows, in milliseconds. */
const GATE_MS = 150;

export interface DispatcherOptions {
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly sealer: Sealer;
  readonly hint: Hint;
  readonly completions: Completions;
  readonly knownAgents: KnownAgents;
  readonly logger: Logger;
  /** Id of this server in `servers`; changes when its lease was lost. */
  readonly holder: () => number;
  /** Deliveries per second an agent that comes back gets of what it missed. */
  readonly resumeRate: number;
  readonly resumeWindowMs: number;
  /** Ids that agents have in hand. */
  readonly idsWithAgents: () => Iterable<string>;
}

/**
 * Decides where each delivery goes and hands it to agents: from memory right after its commit when a lane is live, else
 * by claiming from the database, oldest first. Invariants: a delivery is handed out only after its commit; its row
 * names this server while it is in hand; a delivery leaves this server's hand by an outcome or by being released, never
 * by being forgotten.
 */
export class Dispatcher implements Handover {
  readonly #options: DispatcherOptions;
  readonly #lanes = new Map<string, Map<number, Lane>>();
  readonly #planned = new Set<string>();
  readonly #gates = new Map<Lane, (() => void)[]>();
  readonly #rates = new Map<Lane, { handedOut: number; perSecond: number }>();
  readonly #unhinted = new Set<string>();
  /** Lanes that the batch being reported put something into. */
  readonly #touched = new Set<Lane>();
  readonly #paces = new Map<Lane, { tokens: number; at: number }>();
  #uncertain = false;
  #claims = 0;
  #ephemeralBytes = 0;
  #poll: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    options.hint.subscribe("work", (outputIds) => this.#backlogHinted(outputIds));
  }

  get holder(): number {
    return this.#options.holder();
  }

  start(): void {
    this.#poll = setInterval(() => void this.#tick(), POLL_MS);
  }

  /** Stops claiming and gives back what is queued but not with an agent. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#poll);
    for (const lane of this.#allLanes()) this.#giveBack(lane);
  }

  /** Forgets what it holds: others have taken it back. Ephemeral webhooks stay, nobody else has them. */
  abandon(): void {
    this.#options.completions.abandon();
    for (const lane of this.#allLanes()) {
      for (const delivery of lane.drain()) if (delivery.ephemeral) lane.push(delivery);
      lane.markBacklog();
    }
  }

  /**
   * The database may have lost what it said was done (completions do not wait for its disk), or done what it never said:
   * what carries this server's name is compared with what it knows.
   */
  reconcile(): void {
    this.#uncertain = true;
  }

  /** Deliveries in memory that no agent has yet. */
  queued(): number {
    let count = 0;
    for (const lane of this.#allLanes()) count += lane.queued;
    return count;
  }

  /** Bytes of webhooks that are nowhere but in this memory. */
  get ephemeralBytes(): number {
    return this.#ephemeralBytes;
  }

  // --- Sessions -------------------------------------------------------------------------------------------------

  lane(output: Output, agentId: number): Lane {
    const key = output.agents === "each" ? agentId : 0;
    let lanes = this.#lanes.get(output.id);
    if (lanes === undefined) {
      lanes = new Map();
      this.#lanes.set(output.id, lanes);
    }
    let lane = lanes.get(key);
    if (lane === undefined) {
      lane = new Lane({ outputId: output.id, bucketId: output.bucketId, agentId: key });
      lanes.set(key, lane);
    }
    return lane;
  }

  attach(lane: Lane, consumer: LaneConsumer): void {
    if (lane.consumers.length === 0) lane.startResuming();
    lane.consumers.push(consumer);
    lane.pump();
    this.#claim(lane);
  }

  detach(lane: Lane, consumer: LaneConsumer): void {
    const at = lane.consumers.indexOf(consumer);
    if (at >= 0) lane.consumers.splice(at, 1);
    if (lane.consumers.length === 0) this.#giveBack(lane);
  }

  /** Credit came back: hands out what is queued, claims what waits, lets waiting requests in. */
  credit(lane: Lane): void {
    lane.pump();
    if (lane.hasBacklog) this.#claim(lane);
    this.#openGate(lane);
  }

  finish(delivery: HeldDelivery, completion: Omit<Completion, "id">): void {
    if (delivery.ephemeral) this.#ephemeralBytes -= delivery.request.length;
    this.#options.completions.add({ id: delivery.id, ...completion });
  }

  /** Deliveries that an agent did not finish: they wait again and are claimed in their order, with the next attempt number. */
  release(lane: Lane, deliveries: readonly HeldDelivery[]): void {
    if (deliveries.length === 0) return;
    const stored = deliveries.filter((delivery) => !delivery.ephemeral);
    const ephemeral = deliveries.filter((delivery) => delivery.ephemeral);
    if (ephemeral.length > 0) {
      const again = ephemeral.map((delivery) => ({ ...delivery, attempt: delivery.attempt + 1 }));
      const later = lane.drain();
      for (const delivery of [...again, ...later].sort((a, b) => (a.id < b.id ? -1 : 1))) lane.push(delivery);
      lane.pump();
    }
    if (stored.length > 0) void this.#release(lane, stored, { tried: true });
  }

  // --- Handover -------------------------------------------------------------------------------------------------

  plan(webhook: IncomingWebhook, bucket: Bucket): readonly PlannedDelivery[] {
    const planned: PlannedDelivery[] = [];
    for (const output of bucket.outputs) {
      if (output.disabled || !output.internal) continue;
      if (output.agents === "one") {
        planned.push(this.#planOne(webhook, bucket, output, 0));
      } else {
        for (const agentId of this.#options.knownAgents.of(output.id)) {
          planned.push(this.#planOne(webhook, bucket, output, agentId));
        }
      }
    }
    return planned;
  }

  #planOne(webhook: IncomingWebhook, bucket: Bucket, output: Output, agentId: number): PlannedDelivery {
    const id = newId(webhook.receivedAtMs);
    const plan = { idBytes: id, idText: idText(id), outputId: output.id, agentId };
    const lane = this.#lanes.get(output.id)?.get(agentId);
    // What is never stored can only be kept by the server that took it.
    if (bucket.ephemeral) {
      const parked = lane ?? this.lane(output, agentId);
      parked.reserve();
      this.#planned.add(plan.idText);
      return { ...plan, held: true };
    }
    if (lane?.live && !this.#stopping) {
      lane.reserve();
      this.#planned.add(plan.idText);
      return { ...plan, held: true };
    }
    return { ...plan, held: false };
  }

  committed(webhook: IncomingWebhook, planned: readonly PlannedDelivery[]): void {
    for (const plan of planned) {
      const lane = this.#lanes.get(plan.outputId)?.get(plan.agentId);
      if (lane !== undefined) this.#touched.add(lane);
      if (!plan.held) {
        lane?.markBacklog();
        this.#unhinted.add(plan.outputId);
        continue;
      }
      this.#planned.delete(plan.idText);
      if (lane === undefined) continue;
      lane.unreserve();
      if (webhook.sealed === undefined) this.#ephemeralBytes += webhook.request.length;
      lane.push({
        id: plan.idText,
        idBytes: plan.idBytes,
        webhookId: webhook.idText,
        bucketId: lane.bucketId,
        attempt: 1,
        receivedAtMs: webhook.receivedAtMs,
        request: webhook.request,
        ephemeral: webhook.sealed === undefined,
      });
    }
  }

  failed(planned: readonly PlannedDelivery[]): void {
    this.#uncertain = true;
    for (const plan of planned) {
      const lane = this.#lanes.get(plan.outputId)?.get(plan.agentId);
      if (plan.held) {
        this.#planned.delete(plan.idText);
        lane?.unreserve();
      } else {
        lane?.markBacklog();
      }
      if (lane !== undefined) this.#touched.add(lane);
    }
  }

  batchDone(): void {
    for (const lane of this.#touched) {
      if (lane.consumers.length === 0) this.#giveBack(lane);
      else lane.pump();
      if (lane.hasBacklog) this.#claim(lane);
    }
    this.#touched.clear();
    if (this.#unhinted.size > 0) {
      this.#options.hint.publish("work", [...this.#unhinted]);
      this.#unhinted.clear();
    }
  }

  /**
   * Back-pressure: when a lane of this bucket is full although it flows, this server is the bottleneck, and a request
   * must wait for a place so that delivery is not starved. A lane that stands (its destination is slow or away) holds
   * nobody up: its webhooks wait in the database.
   */
  gate(bucket: Bucket): Promise<void> | undefined {
    for (const output of bucket.outputs) {
      const lane = this.#lanes.get(output.id)?.get(0);
      if (lane === undefined || lane.consumers.length === 0 || !lane.full) continue;
      if ((this.#rates.get(lane)?.perSecond ?? 0) < FLOWING_PER_SECOND) continue;
      return this.#wait(lane);
    }
    return undefined;
  }

  // --- Claiming -------------------------------------------------------------------------------------------------

  #claim(lane: Lane): void {
    if (lane.claiming || this.#stopping || this.#uncertain || lane.consumers.length === 0) return;
    const room = Math.min(lane.room, CLAIM_LIMIT, lane.resuming ? this.#pace(lane) : CLAIM_LIMIT);
    if (room <= 0) return;
    const mark = lane.backlogMark;
    lane.claiming = true;
    this.#claims += 1;
    this.#take(lane, room)
      .then(({ deliveries, drained }) => lane.claimed(deliveries, { drained, mark }))
      .catch((error: unknown) => {
        lane.claimed([], { drained: false, mark });
        this.#uncertain = true;
        this.#options.logger.warn({ err: error, output: lane.outputId }, "delivery.claim-failed");
      })
      .finally(() => {
        this.#claims -= 1;
        if (lane.consumers.length === 0) this.#giveBack(lane);
        else lane.pump();
        if (lane.hasBacklog) this.#claim(lane);
      });
  }

  /** Claims up to `limit`; `drained` when nothing more waits. */
  async #take(lane: Lane, limit: number): Promise<{ deliveries: HeldDelivery[]; drained: boolean }> {
    const claimed = await claimDeliveries(this.#options.pool, {
      outputId: lane.outputId,
      agentId: lane.agentId,
      holder: this.holder,
      limit,
      maxBytes: CLAIM_BYTES,
    });
    if (lane.resuming) this.#spend(lane, claimed.length);
    for (const row of claimed) this.#planned.add(row.id);
    try {
      const deliveries: HeldDelivery[] = [];
      let bytes = 0;
      for (const row of claimed) {
        bytes += row.sealed?.length ?? 0;
        const delivery = await this.#open(row);
        if (delivery !== undefined) deliveries.push(delivery);
      }
      return { deliveries, drained: claimed.length < limit && bytes < CLAIM_BYTES };
    } finally {
      // What was not opened is unknown again: the reconciliation frees it.
      for (const row of claimed) this.#planned.delete(row.id);
    }
  }

  /** A delivery whose webhook can no longer be read ends here: it cannot ever be delivered. */
  async #open(row: ClaimedDelivery): Promise<HeldDelivery | undefined> {
    const bytes = idBytes(row.id);
    try {
      if (row.keyVersion === null || row.sealed === null)
        throw new SealBrokenError("the webhook is not stored any more");
      const request = await this.#options.sealer.open(row.bucketId, idBytes(row.webhookId), row.keyVersion, row.sealed);
      return {
        id: row.id,
        idBytes: bytes,
        webhookId: row.webhookId,
        bucketId: row.bucketId,
        attempt: row.attempt,
        receivedAtMs: idTime(row.webhookId),
        request,
        ephemeral: false,
      };
    } catch (error) {
      // The key could not be loaded now: not the delivery's fault, it is claimed again.
      if (!(error instanceof SealBrokenError)) throw error;
      this.#options.logger.error({ err: error, delivery: row.id, bucket: row.bucketId }, "delivery.unreadable");
      this.#options.completions.add({
        id: row.id,
        status: STATUS.stalled,
        statusCode: 0,
        attempt: row.attempt,
        durationMs: 0,
        keyVersion: 0,
        response: null,
      });
      return undefined;
    }
  }

  #pace(lane: Lane): number {
    const rate = this.#options.resumeRate;
    const now = performance.now();
    const pace = this.#paces.get(lane) ?? { tokens: rate / 10, at: now };
    pace.tokens = Math.min(Math.max(rate / 10, 1), pace.tokens + ((now - pace.at) / 1000) * rate);
    pace.at = now;
    this.#paces.set(lane, pace);
    if (pace.tokens < 1) {
      setTimeout(() => this.#claim(lane), Math.ceil(1000 / rate) + 20).unref();
      return 0;
    }
    return Math.floor(pace.tokens);
  }

  #spend(lane: Lane, count: number): void {
    const pace = this.#paces.get(lane);
    if (pace !== undefined) pace.tokens -= count;
  }

  #backlogHinted(outputIds: readonly string[]): void {
    for (const outputId of outputIds) {
      for (const lane of this.#lanes.get(outputId)?.values() ?? []) {
        if (lane.consumers.length === 0) continue;
        lane.markBacklog();
        this.#claim(lane);
      }
    }
  }

  async #tick(): Promise<void> {
    const served: Lane[] = [];
    for (const lane of this.#allLanes()) {
      const before = this.#rates.get(lane)?.handedOut ?? 0;
      this.#rates.set(lane, { handedOut: lane.handedOut, perSecond: ((lane.handedOut - before) * 1000) / POLL_MS });
      if (lane.consumers.length > 0) served.push(lane);
      else this.#expire(lane);
      if (lane.hasBacklog) this.#claim(lane);
    }
    try {
      if (this.#uncertain && this.#claims === 0) await this.#reconcile();
      const quiet = served.filter((lane) => !lane.hasBacklog);
      for (const { outputId, agentId } of await lanesWithBacklog(this.#options.pool, quiet)) {
        const lane = this.#lanes.get(outputId)?.get(agentId);
        if (lane === undefined) continue;
        lane.markBacklog();
        this.#claim(lane);
      }
    } catch (error) {
      this.#options.logger.warn({ err: error }, "delivery.poll-failed");
    }
  }

  /** After a statement of unknown end: rows may carry our name that we do not know. */
  async #reconcile(): Promise<void> {
    const before = idText(newId(Date.now()));
    const known = [...this.#planned, ...this.#options.completions.ids(), ...this.#options.idsWithAgents()];
    for (const lane of this.#allLanes()) {
      for (const delivery of lane.drain()) {
        known.push(delivery.id);
        lane.push(delivery);
      }
    }
    const released = await releaseUnknown(this.#options.pool, { holder: this.holder, known, before });
    if (released > 0) this.#options.logger.info({ released }, "delivery.unknown-released");
    this.#uncertain = false;
    for (const lane of this.#allLanes()) {
      lane.markBacklog();
      this.#claim(lane);
    }
  }

  // --- Giving back ----------------------------------------------------------------------------------------------

  /** Nobody serves the lane here any more: what it queued may be served elsewhere. */
  #giveBack(lane: Lane): void {
    // An ephemeral bucket's webhooks are nowhere else: they stay until an agent comes or they are too old.
    if (lane.queued === 0 || lane.peek()?.ephemeral === true) return;
    const stored: HeldDelivery[] = [];
    for (const delivery of lane.drain()) {
      if (delivery.ephemeral) lane.push(delivery);
      else stored.push(delivery);
    }
    if (stored.length > 0) void this.#release(lane, stored, { tried: false });
  }

  /** Ephemeral webhooks that waited longer than the resume window are let go; what is stored is stalled by the sweep. */
  #expire(lane: Lane): void {
    const oldest = Date.now() - this.#options.resumeWindowMs;
    for (let next = lane.peek(); next !== undefined && next.receivedAtMs < oldest; next = lane.peek()) {
      lane.shift();
      this.finish(next, {
        status: STATUS.stalled,
        statusCode: 0,
        attempt: next.attempt - 1,
        durationMs: 0,
        keyVersion: 0,
        response: null,
      });
    }
  }

  async #release(lane: Lane, deliveries: readonly HeldDelivery[], { tried }: { tried: boolean }): Promise<void> {
    try {
      await releaseDeliveries(this.#options.pool, {
        holder: this.holder,
        ids: deliveries.map((delivery) => delivery.id),
        tried,
      });
      lane.markBacklog();
      this.#options.hint.publish("work", [lane.outputId]);
      this.#claim(lane);
    } catch (error) {
      // They still carry our name and nobody here knows them: the next reconciliation frees them.
      this.#uncertain = true;
      this.#options.logger.warn({ err: error, count: deliveries.length }, "delivery.release-failed");
    }
  }

  #wait(lane: Lane): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#gates.get(lane) ?? [];
      this.#gates.set(lane, waiters);
      const timer = setTimeout(resolve, GATE_MS);
      waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #openGate(lane: Lane): void {
    const waiters = this.#gates.get(lane);
    if (waiters === undefined || waiters.length === 0 || lane.full) return;
    for (const open of waiters.splice(0, 64)) open();
  }

  *#allLanes(): Iterable<Lane> {
    for (const lanes of this.#lanes.values()) yield* lanes.values();
  }
}
