import type pg from "pg";
import type { Logger } from "pino";
import type { Bucket, Output } from "../catalog/model.js";
import { ChurnMap } from "../churn-map.js";
import { SealBrokenError, type Sealer } from "../crypto/sealer.js";
import type { Hint } from "../hint/hint.js";
import { idBytes, idText, newId } from "../ids.js";
import { factsOf } from "../rules/facts-of.js";
import { OutputRules } from "../rules/output-rules.js";
import type { WebhookFacts } from "../rules/webhook-facts.js";
import { claimAtPace } from "../store/claim-at-pace.js";
import { type ClaimedDelivery, claimDeliveries } from "../store/claim-deliveries.js";
import { STATUS } from "../store/complete-deliveries.js";
import { lanesWithBacklog } from "../store/lanes-with-backlog.js";
import { releaseDeliveries, releaseUnknown } from "../store/release-deliveries.js";
import type { Handover, IncomingWebhook, PlannedDelivery } from "../store/webhook-writer.js";
import { hasFunction } from "../webhook-functions/has-function.js";
import type { AttemptEnd } from "./attempt-end.js";
import type { DeliveryEnds } from "./delivery-ends.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { KnownAgents } from "./known-agents.js";
import type { Lane, LaneConsumer } from "./lane.js";
import { LaneGate } from "./lane-gate.js";
import { Lanes } from "./lanes.js";
import { openClaimed } from "./open-claimed.js";
import { isGoverned, outputPolicy } from "./output-policy.js";
import type { Preparation } from "./preparation.js";
import { ResumePace } from "./resume-pace.js";
import type { AsksForAnswer } from "./wants-answer.js";

/** Most deliveries and bytes one claim takes. */
const CLAIM_LIMIT = 256;
const CLAIM_BYTES = 8 * 1024 * 1024;

const POLL_MS = 1_000;

const NOTHING = new Uint8Array();

/** Deliveries whose functions have no time to run wait for so long. */
const BUSY_MS = 1_000;

/** A webhook on its way to one of its outputs. */
interface Planning {
  readonly webhook: IncomingWebhook;
  readonly bucket: Bucket;
  readonly output: Output;
  /** What can be asked about the webhook: looked up once, and only when somebody asks. */
  readonly facts: () => WebhookFacts;
}

export interface DispatcherOptions {
  readonly pool: pg.Pool;
  readonly sealer: Sealer;
  readonly hint: Hint;
  readonly ends: DeliveryEnds;
  readonly preparation: Pick<Preparation, "of">;
  readonly knownAgents: KnownAgents;
  readonly wantsAnswer: AsksForAnswer;
  readonly logger: Logger;
  /** Id of this server in `servers`; changes when its lease was lost. */
  readonly holder: () => number;
  /** Deliveries per second an agent that comes back gets of what it missed. */
  readonly resumeRate: number;
  readonly resumeWindowMs: number;
  /** Ids of deliveries that agents have in hand, or public destinations. */
  readonly idsInHand: () => Iterable<string>;
}

/**
 * Decides where each delivery goes and hands it to agents: from memory right after its commit when a lane is live, else
 * by claiming from the database, oldest first. Invariants: a delivery is handed out only after its commit; its row
 * names this server while it is in hand; a delivery leaves this server's hand by an outcome or by being released, never
 * by being forgotten.
 */
export class Dispatcher implements Handover {
  readonly #options: DispatcherOptions;
  readonly #lanes = new Lanes();
  readonly #gate = new LaneGate();
  readonly #rules: OutputRules;
  readonly #pace: ResumePace;
  /** Ids of deliveries between plan and commit, and of those being opened. */
  readonly #planned = new ChurnMap<string, true>();
  readonly #unhinted = new Set<string>();
  /** Lanes that the batch being reported put something into. */
  #touched = new Set<Lane>();
  #uncertain = false;
  #claims = 0;
  #ephemeralBytes = 0;
  #poll: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#pace = new ResumePace(options.resumeRate);
    options.hint.subscribe("work", (outputIds) => this.backlog(outputIds));
    this.#rules = new OutputRules(options.logger);
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
    for (const lane of this.#lanes) this.#giveBack(lane);
  }

  /** Forgets what it holds: others have taken it back. Ephemeral webhooks stay, nobody else has them. */
  abandon(): void {
    this.#options.ends.abandon();
    for (const lane of this.#lanes) {
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
    for (const lane of this.#lanes) count += lane.queued;
    return count;
  }

  /** Bytes of webhooks that are nowhere but in this memory. */
  get ephemeralBytes(): number {
    return this.#ephemeralBytes;
  }

  // --- Sessions -------------------------------------------------------------------------------------------------

  lane(output: Output, agentId: number): Lane {
    return this.#lanes.of(output, agentId);
  }

  /** Forgets lanes of outputs that are gone; called when the configuration changed. */
  keepOnly(known: (outputId: string) => boolean): void {
    this.#lanes.keepOnly(known);
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
    this.#gate.open(lane);
  }

  /** An attempt ended: the delivery is over, or tried again when its output says so. */
  ended(lane: Lane, delivery: HeldDelivery, end: AttemptEnd): void {
    this.#ended(lane, delivery, end);
  }

  #ended(lane: Lane, delivery: HeldDelivery, end: AttemptEnd, { unprepared = false } = {}): void {
    // What comes after it in its order, or may be in hand instead of it, is claimed when the database knows.
    const recorded = lane.governed ? () => this.#nextOf(lane) : undefined;
    const verdict = this.#options.ends.end(delivery, end, recorded);
    if (!delivery.ephemeral) return;
    if (verdict.kind === "over") this.#ephemeralBytes -= delivery.request.length;
    else this.#keepForRetry(lane, delivery, { attempt: end.attempt + 1, delayMs: verdict.delayMs, unprepared });
  }

  /** Nobody got to see these deliveries: they wait again, and the attempt does not count. */
  giveBack(lane: Lane, deliveries: readonly HeldDelivery[]): void {
    void this.#release(lane, deliveries, { tried: false });
  }

  /** Ends a delivery that no attempt will be made of. */
  over(delivery: HeldDelivery, end: AttemptEnd): void {
    if (delivery.ephemeral) this.#ephemeralBytes -= delivery.request.length;
    this.#options.ends.complete(delivery, end);
  }

  #nextOf(lane: Lane): void {
    lane.markBacklog();
    this.#claim(lane);
  }

  /** Nobody else has an ephemeral webhook: it waits in this memory, and is no longer waited for after the resume window. */
  #keepForRetry(
    lane: Lane,
    delivery: HeldDelivery,
    next: { attempt: number; delayMs: number; unprepared?: boolean },
  ): void {
    this.#planned.set(delivery.id, true);
    const again = () => {
      const retried = {
        ...delivery,
        attempt: next.attempt,
        retries: delivery.retries + (next.attempt - delivery.attempt),
      };
      // What its function has not let through yet must not go past it; what it has changed must not be changed again.
      if (next.unprepared === true) {
        lane.reserve();
        void this.#pushPrepared(lane, retried);
        return;
      }
      this.#planned.delete(delivery.id);
      lane.push(retried);
      lane.pump();
    };
    setTimeout(again, Math.min(next.delayMs, this.#options.resumeWindowMs)).unref();
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
    if (webhook.halted !== undefined) return haltedDeliveries(webhook, bucket, webhook.halted);
    let known: WebhookFacts | undefined;
    const facts = () => {
      known ??= factsOf(webhook.request);
      return known;
    };
    for (const output of bucket.outputs) {
      if (output.disabled) continue;
      const rejection = this.#rules.rejection(output, facts);
      if (rejection !== undefined) {
        planned.push(rejectedDelivery(webhook, output, rejection));
        continue;
      }
      if (!output.internal || output.agents === "one") {
        planned.push(this.#planOne({ webhook, bucket, output, facts }, 0));
      } else {
        for (const agentId of this.#options.knownAgents.of(output.id)) {
          planned.push(this.#planOne({ webhook, bucket, output, facts }, agentId));
        }
      }
    }
    return planned;
  }

  #planOne({ webhook, bucket, output, facts }: Planning, agentId: number): PlannedDelivery {
    const id = newId(webhook.receivedAtMs);
    const policy = outputPolicy(output);
    const governed = isGoverned(policy) && !bucket.ephemeral;
    const plan = {
      idBytes: id,
      idText: idText(id),
      outputId: output.id,
      agentId,
      orderKey: governed ? policy.orderOf?.(facts()) : undefined,
      counted: governed && (policy.pace?.concurrency ?? 0) > 0,
    };
    const lane = this.#lanes.find(output.id, agentId);
    // Only the database knows what other servers have in hand of it.
    if (governed) return { ...plan, held: false };
    // What is never stored can only be kept by the server that took it.
    if (bucket.ephemeral) {
      const parked = lane ?? this.lane(output, agentId);
      parked.reserve();
      this.#planned.set(plan.idText, true);
      return { ...plan, held: true };
    }
    if (lane?.live && !this.#stopping) {
      lane.reserve();
      this.#planned.set(plan.idText, true);
      return { ...plan, held: true };
    }
    return { ...plan, held: false };
  }

  committed(webhook: IncomingWebhook, planned: readonly PlannedDelivery[]): void {
    for (const plan of planned) {
      const lane = this.#lanes.find(plan.outputId, plan.agentId);
      if (lane !== undefined) this.#touched.add(lane);
      if (!plan.held) {
        lane?.markBacklog();
        this.#unhinted.add(plan.outputId);
        continue;
      }
      if (lane === undefined) {
        this.#planned.delete(plan.idText);
        continue;
      }
      if (webhook.sealed === undefined) this.#ephemeralBytes += webhook.request.length;
      const delivery: HeldDelivery = {
        id: plan.idText,
        idBytes: plan.idBytes,
        webhookId: webhook.idText,
        bucketId: lane.bucketId,
        inputId: webhook.inputId,
        outputId: lane.outputId,
        attempt: 1,
        retries: 0,
        skipFunction: false,
        receivedAtMs: webhook.receivedAtMs,
        request: webhook.request,
        wantsAnswer: this.#options.wantsAnswer(webhook.inputId, lane.output, webhook.receivedAtMs),
        ephemeral: webhook.sealed === undefined,
      };
      if (hasFunction(lane.output)) {
        void this.#pushPrepared(lane, delivery);
        continue;
      }
      this.#planned.delete(plan.idText);
      lane.unreserve();
      lane.push(delivery);
    }
  }

  failed(planned: readonly PlannedDelivery[]): void {
    this.#uncertain = true;
    for (const plan of planned) {
      const lane = this.#lanes.find(plan.outputId, plan.agentId);
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
    const touched = this.#touched;
    this.#touched = new Set();
    for (const lane of touched) {
      if (lane.consumers.length === 0) this.#giveBack(lane);
      else lane.pump();
      if (lane.hasBacklog) this.#claim(lane);
    }
    if (this.#unhinted.size > 0) {
      this.#options.hint.publish("work", [...this.#unhinted]);
      this.#unhinted.clear();
    }
  }

  /** Resolves when delivery has room for a webhook of this bucket; undefined when it has. */
  gate(bucket: Bucket): Promise<void> | undefined {
    for (const output of bucket.outputs) {
      const lane = this.#lanes.find(output.id, 0);
      const wait = lane === undefined ? undefined : this.#gate.enter(lane);
      if (wait !== undefined) return wait;
    }
    return undefined;
  }

  // --- Claiming -------------------------------------------------------------------------------------------------

  #claim(lane: Lane): void {
    if (lane.claiming || this.#stopping || this.#uncertain || lane.consumers.length === 0) return;
    const room = Math.min(lane.room, CLAIM_LIMIT, lane.resuming ? this.#allowance(lane) : CLAIM_LIMIT);
    if (room <= 0 || lane.pausedUntil > performance.now()) return;
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

  /** What the pace of resuming allows now; when that is nothing, the lane is claimed later. */
  #allowance(lane: Lane): number {
    const { count, againMs } = this.#pace.allowance(lane, performance.now());
    if (count === 0) setTimeout(() => this.#claim(lane), againMs).unref();
    return count;
  }

  /** Claims up to `limit`; `drained` when nothing more waits. */
  async #take(lane: Lane, limit: number): Promise<{ deliveries: HeldDelivery[]; drained: boolean }> {
    const { claimed, paced } = await this.#claimRows(lane, limit);
    if (lane.resuming) this.#pace.spend(lane, claimed.length);
    for (const row of claimed) this.#planned.set(row.id, true);
    try {
      const deliveries: HeldDelivery[] = [];
      let bytes = 0;
      for (const row of claimed) {
        bytes += row.sealed?.length ?? 0;
        const delivery = await this.#open(lane, row);
        if (delivery !== undefined) deliveries.push(delivery);
      }
      if (hasFunction(lane.output)) {
        const prepared = await Promise.all(deliveries.splice(0).map((each) => this.#prepared(lane, each)));
        for (const each of prepared) if (each !== undefined) deliveries.push(each);
      }
      return { deliveries, drained: !paced && claimed.length < limit && bytes < CLAIM_BYTES };
    } finally {
      // What was not opened is unknown again: the reconciliation frees it.
      for (const row of claimed) this.#planned.delete(row.id);
    }
  }

  /** `paced`: more may wait, which the output's pace keeps back. */
  async #claimRows(lane: Lane, limit: number): Promise<{ claimed: readonly ClaimedDelivery[]; paced: boolean }> {
    const { pool } = this.#options;
    const request = {
      outputId: lane.outputId,
      agentId: lane.agentId,
      holder: this.holder,
      limit,
      maxBytes: CLAIM_BYTES,
      inOrder: lane.policy.orderOf !== undefined,
    };
    const { pace } = lane.policy;
    if (pace === undefined) return { claimed: await claimDeliveries(pool, request), paced: false };
    const { claimed, againMs, atConcurrency } = await claimAtPace(pool, request, pace);
    if (againMs > 0) {
      lane.pausedUntil = performance.now() + againMs;
      setTimeout(() => this.#claim(lane), againMs + 1).unref();
    }
    // At its concurrency the lane goes on with the end of one, here or by the poll, should it be another server's.
    return { claimed, paced: againMs > 0 && !atConcurrency };
  }

  async #pushPrepared(lane: Lane, delivery: HeldDelivery): Promise<void> {
    const ready = await this.#prepared(lane, delivery);
    this.#planned.delete(delivery.id);
    lane.unreserve();
    if (ready === undefined) return;
    lane.push(ready);
    if (lane.consumers.length === 0) this.#giveBack(lane);
    else lane.pump();
  }

  /** The delivery as its output's function leaves it; undefined when it is not to be handed out now. */
  async #prepared(lane: Lane, delivery: HeldDelivery): Promise<HeldDelivery | undefined> {
    const prepared = await this.#options.preparation.of(lane.output, delivery);
    switch (prepared.kind) {
      case "ready":
        if (delivery.ephemeral) this.#ephemeralBytes += prepared.delivery.request.length - delivery.request.length;
        return prepared.delivery;
      case "stopped":
        this.over(delivery, prepared.end);
        return undefined;
      case "failed":
        this.#ended(lane, delivery, prepared.end, { unprepared: true });
        return undefined;
      case "later":
        if (delivery.ephemeral) {
          this.#keepForRetry(lane, delivery, { attempt: delivery.attempt, delayMs: BUSY_MS, unprepared: true });
          return undefined;
        }
        if (lane.pausedUntil <= performance.now()) {
          lane.pausedUntil = performance.now() + BUSY_MS;
          setTimeout(() => this.#nextOf(lane), BUSY_MS + 1).unref();
        }
        this.giveBack(lane, [delivery]);
        return undefined;
    }
  }

  /** A delivery whose webhook can no longer be read ends here: it cannot ever be delivered. */
  async #open(lane: Lane, row: ClaimedDelivery): Promise<HeldDelivery | undefined> {
    try {
      return await openClaimed(row, lane.output, this.#options);
    } catch (error) {
      // The key could not be loaded now: not the delivery's fault, it is claimed again.
      if (!(error instanceof SealBrokenError)) throw error;
      this.#options.logger.error({ err: error, delivery: row.id, bucket: row.bucketId }, "delivery.unreadable");
      const { id, webhookId, bucketId, attempt, retries } = row;
      const held = { id, idBytes: idBytes(id), webhookId, bucketId, outputId: lane.outputId, attempt, retries };
      const nothing = { inputId: "", skipFunction: true, receivedAtMs: 0, request: NOTHING, wantsAnswer: false };
      this.#options.ends.complete({ ...held, ...nothing, ephemeral: false }, untried({ attempt }));
      return undefined;
    }
  }

  /** Something may wait for these outputs. */
  backlog(outputIds: readonly string[]): void {
    for (const outputId of outputIds) {
      for (const lane of this.#lanes.ofOutput(outputId)) {
        if (lane.consumers.length === 0) continue;
        lane.markBacklog();
        this.#claim(lane);
      }
    }
  }

  async #tick(): Promise<void> {
    const served: Lane[] = [];
    for (const lane of this.#lanes) {
      this.#gate.measure(lane, POLL_MS);
      if (lane.consumers.length > 0) served.push(lane);
      this.#expire(lane);
      if (lane.hasBacklog) this.#claim(lane);
    }
    try {
      if (this.#uncertain && this.#claims === 0) await this.#reconcile();
      const quiet = served.filter((lane) => !lane.hasBacklog);
      for (const { outputId, agentId } of await lanesWithBacklog(this.#options.pool, quiet)) {
        const lane = this.#lanes.find(outputId, agentId);
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
    const known = [...this.#planned.keys(), ...this.#options.ends.ids(), ...this.#options.idsInHand()];
    for (const lane of this.#lanes) {
      for (const delivery of lane.drain()) {
        known.push(delivery.id);
        lane.push(delivery);
      }
    }
    const released = await releaseUnknown(this.#options.pool, { holder: this.holder, known, before });
    if (released > 0) this.#options.logger.info({ released }, "delivery.unknown-released");
    this.#uncertain = false;
    for (const lane of this.#lanes) {
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
    if (lane.peek()?.ephemeral !== true) return;
    const oldest = Date.now() - this.#options.resumeWindowMs;
    for (let next = lane.peek(); next !== undefined && next.receivedAtMs < oldest; next = lane.peek()) {
      lane.shift();
      this.over(next, untried({ attempt: next.attempt - 1 }));
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
}

/** Stalled: no attempt was made of it, and none will be. */
function untried({ attempt }: { attempt: number }): AttemptEnd {
  return {
    status: STATUS.stalled,
    statusCode: 0,
    attempt,
    durationMs: 0,
    errorClass: "",
    retryable: false,
    retryAfterMs: undefined,
    keyVersion: 0,
    response: null,
    answer: undefined,
  };
}

/** One for each output that would have got it, so that it can be sent again to each; for the bucket when there is none. */
function haltedDeliveries(webhook: IncomingWebhook, { outputs }: Bucket, reason: string): PlannedDelivery[] {
  const enabled = outputs.filter(({ disabled }) => !disabled);
  if (enabled.length === 0) return [rejectedDelivery(webhook, { id: "" }, reason)];
  return enabled.map((output) => rejectedDelivery(webhook, output, reason));
}

/** Of an output whose rules reject the webhook: over before it begins. */
function rejectedDelivery(
  { receivedAtMs }: IncomingWebhook,
  output: Pick<Output, "id">,
  rejection: string,
): PlannedDelivery {
  const id = newId(receivedAtMs);
  return {
    idBytes: id,
    idText: idText(id),
    outputId: output.id,
    agentId: 0,
    held: false,
    orderKey: undefined,
    counted: false,
    rejection,
  };
}
