import type pg from "pg";
import type { Logger } from "pino";
import type { Bucket, Output } from "../catalog/model.js";
import { ChurnMap } from "../churn-map.js";
import type { Sealer } from "../crypto/sealer.js";
import type { Hint } from "../hint/hint.js";
import type { IncomingWebhook } from "../store/incoming-webhook.js";
import type { PlannedDelivery } from "../store/planned-delivery.js";
import type { Handover } from "../store/webhook-writer.js";
import type { AttemptEnd } from "./attempt-end.js";
import { CommittedWebhooks } from "./committed-webhooks.js";
import type { DeliveryEnds } from "./delivery-ends.js";
import { EphemeralWebhooks } from "./ephemeral-webhooks.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { KnownAgents } from "./known-agents.js";
import type { Lane, LaneConsumer } from "./lane.js";
import { LaneClaims } from "./lane-claims.js";
import { LaneGate } from "./lane-gate.js";
import { LanePoll } from "./lane-poll.js";
import { LanePreparation } from "./lane-preparation.js";
import { LaneReleases } from "./lane-releases.js";
import { Lanes } from "./lanes.js";
import { openOrEnd } from "./open-or-end.js";
import type { Preparation } from "./preparation.js";
import { Reconciliation } from "./reconciliation.js";
import { untried } from "./untried.js";
import type { AsksForAnswer } from "./wants-answer.js";
import { WebhookPlans } from "./webhook-plans.js";

/** Deliveries whose functions have no time to run wait for so long. */
const BUSY_MS = 1_000;

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
 *
 * What happens in between has modules of its own, which this one puts together: plan (`WebhookPlans`), commit
 * (`CommittedWebhooks`), claim (`LaneClaims`), function (`LanePreparation`), release (`LaneReleases`), doubt
 * (`Reconciliation`), what is never stored (`EphemeralWebhooks`), and the look each second at all of it (`LanePoll`).
 */
export class Dispatcher implements Handover {
  readonly #options: DispatcherOptions;
  readonly #lanes = new Lanes();
  readonly #gate = new LaneGate();
  readonly #reconciliation: Reconciliation;
  readonly #plans: WebhookPlans;
  readonly #committed: CommittedWebhooks;
  readonly #claims: LaneClaims;
  readonly #preparation: LanePreparation;
  readonly #releases: LaneReleases;
  readonly #ephemeral: EphemeralWebhooks;
  readonly #poll: LanePoll;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    const { ends, resumeWindowMs } = options;
    const lanes = this.#lanes;
    /** Ids of deliveries between plan and commit, and of those being opened. */
    const underway = new ChurnMap<string, true>();
    const known = () => [...underway.keys(), ...ends.ids(), ...options.idsInHand()];
    this.#reconciliation = new Reconciliation({ ...options, lanes, known });
    const shared = { ...options, lanes, underway, reconciliation: this.#reconciliation };
    const prepare = (lane: Lane, delivery: HeldDelivery) => void this.#preparation.push(lane, delivery);
    const onEphemeral = (bytes: number) => this.#ephemeral.grow(bytes);
    this.#plans = new WebhookPlans({ ...shared, mayHold: () => !this.#claims.stopped });
    this.#committed = new CommittedWebhooks({
      ...shared,
      onEphemeral,
      prepare,
      onTouched: (lane) => this.#serve(lane),
    });
    this.#claims = new LaneClaims({
      ...shared,
      open: (lane, row) => openOrEnd(lane, row, options),
      prepared: (lane, delivery) => this.#preparation.prepared(lane, delivery),
      onClaimed: (lane) => this.#serve(lane),
    });
    this.#preparation = new LanePreparation({
      ...shared,
      onEphemeral,
      stopped: (delivery, end) => this.over(delivery, end),
      failed: (lane, delivery, end) => this.#ended(lane, delivery, { end, unprepared: true }),
      later: (lane, delivery) => this.#prepareLater(lane, delivery),
      onReady: (lane) => this.#pumpOrGiveBack(lane),
    });
    this.#releases = new LaneReleases({ ...shared, onWaiting: (lane) => this.#claims.claim(lane) });
    this.#ephemeral = new EphemeralWebhooks({
      underway,
      resumeWindowMs,
      prepare,
      expired: (delivery) => this.over(delivery, untried({ attempt: delivery.attempt - 1 })),
    });
    this.#poll = new LanePoll({
      ...shared,
      claims: this.#claims,
      onLook: (lane, intervalMs) => {
        this.#gate.measure(lane, intervalMs);
        this.#ephemeral.expire(lane, Date.now());
      },
    });
    options.hint.subscribe("work", (outputIds) => this.backlog(outputIds));
  }

  get holder(): number {
    return this.#options.holder();
  }

  start(): void {
    this.#poll.start();
  }

  /** Stops claiming and gives back what is queued but not with an agent. */
  async stop(): Promise<void> {
    this.#claims.stop();
    this.#poll.stop();
    for (const lane of this.#lanes) this.#releases.giveBackQueued(lane);
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
    this.#reconciliation.need();
  }

  /** Deliveries in memory that no agent has yet. */
  queued(): number {
    let count = 0;
    for (const lane of this.#lanes) count += lane.queued;
    return count;
  }

  /** Bytes of webhooks that are nowhere but in this memory. */
  get ephemeralBytes(): number {
    return this.#ephemeral.bytes;
  }

  // --- Who calls destinations: sessions of agents, public outputs ---------------------------------------------------

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
    this.#claims.claim(lane);
  }

  detach(lane: Lane, consumer: LaneConsumer): void {
    const at = lane.consumers.indexOf(consumer);
    if (at >= 0) lane.consumers.splice(at, 1);
    if (lane.consumers.length === 0) this.#releases.giveBackQueued(lane);
  }

  /** Credit came back: hands out what is queued, claims what waits, lets waiting requests in. */
  credit(lane: Lane): void {
    lane.pump();
    if (lane.hasBacklog) this.#claims.claim(lane);
    this.#gate.open(lane);
  }

  /** An attempt ended: the delivery is over, or tried again when its output says so. */
  ended(lane: Lane, delivery: HeldDelivery, end: AttemptEnd): void {
    this.#ended(lane, delivery, { end, unprepared: false });
  }

  /** Nobody got to see these deliveries: they wait again, and the attempt does not count. */
  giveBack(lane: Lane, deliveries: readonly HeldDelivery[]): void {
    void this.#releases.release(lane, deliveries, { tried: false });
  }

  /** Ends a delivery that no attempt will be made of. */
  over(delivery: HeldDelivery, end: AttemptEnd): void {
    if (delivery.ephemeral) this.#ephemeral.grow(-delivery.request.length);
    this.#options.ends.complete(delivery, end);
  }

  /** Deliveries that an agent did not finish: they wait again and are claimed in their order, with the next attempt number. */
  release(lane: Lane, deliveries: readonly HeldDelivery[]): void {
    const stored = deliveries.filter((delivery) => !delivery.ephemeral);
    const ephemeral = deliveries.filter((delivery) => delivery.ephemeral);
    if (ephemeral.length > 0) this.#ephemeral.putBack(lane, ephemeral);
    if (stored.length > 0) void this.#releases.release(lane, stored, { tried: true });
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

  /** Something may wait for these outputs. */
  backlog(outputIds: readonly string[]): void {
    for (const outputId of outputIds) {
      for (const lane of this.#lanes.ofOutput(outputId)) if (lane.consumers.length > 0) this.#claims.next(lane);
    }
  }

  // --- Handover -----------------------------------------------------------------------------------------------------

  plan(webhook: IncomingWebhook, bucket: Bucket): readonly PlannedDelivery[] {
    return this.#plans.of(webhook, bucket);
  }

  committed(webhook: IncomingWebhook, planned: readonly PlannedDelivery[]): void {
    this.#committed.committed(webhook, planned);
  }

  duplicate(planned: readonly PlannedDelivery[]): void {
    this.#committed.dropped(planned);
  }

  failed(planned: readonly PlannedDelivery[]): void {
    this.#reconciliation.need();
    this.#committed.failed(planned);
  }

  batchDone(): void {
    this.#committed.batchDone();
  }

  // --- Inside -------------------------------------------------------------------------------------------------------

  #pumpOrGiveBack(lane: Lane): void {
    if (lane.consumers.length === 0) this.#releases.giveBackQueued(lane);
    else lane.pump();
  }

  #serve(lane: Lane): void {
    this.#pumpOrGiveBack(lane);
    if (lane.hasBacklog) this.#claims.claim(lane);
  }

  #ended(lane: Lane, delivery: HeldDelivery, { end, unprepared }: { end: AttemptEnd; unprepared: boolean }): void {
    // What comes after it in its order, or may be in hand instead of it, is claimed when the database knows.
    const recorded = lane.governed ? () => this.#claims.next(lane) : undefined;
    const verdict = this.#options.ends.end(delivery, end, recorded);
    if (!delivery.ephemeral) return;
    if (verdict.kind === "over") {
      this.#ephemeral.grow(-delivery.request.length);
      return;
    }
    const next = { attempt: end.attempt + 1, delayMs: verdict.delayMs, unprepared };
    this.#ephemeral.keepForRetry(lane, delivery, next);
  }

  #prepareLater(lane: Lane, delivery: HeldDelivery): void {
    if (delivery.ephemeral) {
      const next = { attempt: delivery.attempt, delayMs: BUSY_MS, unprepared: true };
      this.#ephemeral.keepForRetry(lane, delivery, next);
      return;
    }
    this.#claims.nextAfter(lane, BUSY_MS);
    this.giveBack(lane, [delivery]);
  }
}
