import type { Logger } from "pino";
import type { Token } from "../catalog/model.js";
import { ChurnMap } from "../churn-map.js";
import type { Sealer } from "../crypto/sealer.js";
import type { Dispatcher } from "../delivery/dispatcher.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { Lane } from "../delivery/lane.js";
import { Ack, ConnectRequest, ConnectResponse, type Hello, Outcome, PROTOCOL_VERSION, Reason } from "../wire/index.js";
import type { Admission, Refusal, ServedOutput } from "./admission.js";
import type { AgentTransport } from "./agent-transport.js";
import { AnnouncedTries } from "./announced-tries.js";
import { AnswerParts } from "./answer-parts.js";
import { attemptEndOf } from "./attempt-end-of.js";
import { Outbox } from "./outbox.js";
import type { PendingDelivery } from "./pending-delivery.js";
import type { Subscription } from "./subscription.js";
import { type AgentCredit, Subscriptions } from "./subscriptions.js";
import { toRelease } from "./to-release.js";
import { reported, wholeAnswer } from "./whole-answer.js";

/** An agent that does not read: nothing more is sent until its connection has taken what is buffered. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

const HELLO_DEADLINE_MS = 10_000;

export type SessionState = "greeting" | "opening" | "live" | "draining" | "closed";

/** What a session asks of the hub. */
export interface SessionHost {
  admit(hello: Hello, transport: AgentTransport, session: AgentSession): Promise<Admission | Refusal>;
  /** Outputs of the token's buckets that the agent asked for, and the bucket names it may not have. */
  outputsFor(token: Token, hello: Hello): { served: ServedOutput[]; unknownBuckets: string[] };
  /** The session serves its outputs from now on; told once, after Welcome and the first Outputs. */
  opened(session: AgentSession): void;
  closed(session: AgentSession): void;
  delivered(outcome: Outcome, seconds: number): void;
  /** Writes down the number of a retry before it is made; `onEnd` is told whether the delivery is still this server's. */
  recordAttempt(delivery: HeldDelivery, attempt: number, onEnd: (held: boolean) => void): void;
  readonly heartbeatMs: number;
  readonly resumeWindowMs: number;
  readonly serverVersion: string;
}

/**
 * The server's side of one agent session, free of transport and of time: greeting -> opening -> live -> draining ->
 * closed. It holds the agent's credit, numbers deliveries, matches acks, and on its end gives back what was not acked.
 */
export class AgentSession {
  readonly transport: AgentTransport;
  readonly #host: SessionHost;
  readonly #dispatcher: Dispatcher;
  readonly #sealer: Sealer;
  readonly #logger: Logger;
  #state: SessionState = "greeting";
  #admission: Admission | undefined;
  #hello: Hello | undefined;
  readonly #subscriptions: Subscriptions;
  readonly #pending = new ChurnMap<number, PendingDelivery>();
  readonly #tries: AnnouncedTries;
  readonly #answers = new AnswerParts();
  #sequence = 0;
  /** What the agent was told of its secret's end; 0: nothing. */
  #secretValidUntilMs = 0;
  readonly #outbox: Outbox;
  #lastReceived: number;
  #lastSent: number;
  readonly #startedAt: number;

  constructor(options: {
    transport: AgentTransport;
    host: SessionHost;
    dispatcher: Dispatcher;
    sealer: Sealer;
    logger: Logger;
    /** Milliseconds of a monotonic clock. */
    nowMs: number;
  }) {
    this.transport = options.transport;
    this.#host = options.host;
    this.#dispatcher = options.dispatcher;
    this.#subscriptions = new Subscriptions(this, options.dispatcher);
    this.#sealer = options.sealer;
    this.#logger = options.logger;
    this.#tries = new AnnouncedTries({
      pending: this.#pending,
      record: (delivery, attempt, onEnd) => this.#host.recordAttempt(delivery, attempt, onEnd),
      send: (answer) => this.#write({ $case: "triesAnswer", value: answer }),
    });
    this.#startedAt = options.nowMs;
    this.#outbox = new Outbox((frame) => {
      this.#lastSent = performance.now();
      this.transport.send(frame);
    });
    this.#lastReceived = options.nowMs;
    this.#lastSent = options.nowMs;
  }

  get state(): SessionState {
    return this.#state;
  }

  get admission(): Admission | undefined {
    return this.#admission;
  }

  get agentName(): string {
    return this.#hello?.agent ?? "";
  }

  get canSend(): boolean {
    return this.#state === "live" && this.transport.bufferedBytes() < MAX_BUFFERED_BYTES;
  }

  get unacknowledged(): number {
    return this.#pending.size;
  }

  outputIds(): string[] {
    return this.#subscriptions.outputIds();
  }

  lanes(): Iterable<Lane> {
    return this.#subscriptions.lanes();
  }

  /** Ids of deliveries that the agent has in hand. */
  *idsInFlight(): Iterable<string> {
    for (const { delivery } of this.#pending.values()) yield delivery.id;
  }

  /** Takes one frame of the agent. A frame that does not decode or comes out of turn ends the session. */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#state === "closed") return;
    this.#lastReceived = nowMs;
    let frame: ConnectRequest["frame"];
    try {
      frame = ConnectRequest.decode(bytes).frame;
    } catch {
      this.refuse({ reason: Reason.REASON_PROTOCOL, message: "A frame does not decode.", retryAfterMs: 0 });
      return;
    }
    if (frame === undefined) return;
    if (this.#state === "greeting") {
      if (frame.$case === "hello") void this.#open(frame.value);
      else this.refuse({ reason: Reason.REASON_PROTOCOL, message: "The first frame must be Hello.", retryAfterMs: 0 });
      return;
    }
    switch (frame.$case) {
      case "acks":
        this.#acknowledge(frame.value.acks);
        return;
      case "tries":
        this.#tries.take(frame.value.tries);
        return;
      case "answerPart":
        if (this.#pending.get(frame.value.sequence)?.delivery.wantsAnswer === true)
          this.#answers.add(frame.value.sequence, frame.value.body);
        return;
      case "ping":
        this.#write({ $case: "pong", value: {} });
        return;
      case "pong":
        return;
      case "window":
        this.#subscriptions.setWindow(frame.value);
        return;
      case "goodbye":
        this.end("goodbye");
        return;
      case "hello":
        this.refuse({ reason: Reason.REASON_PROTOCOL, message: "Hello may be sent once.", retryAfterMs: 0 });
    }
  }

  /** Heartbeat: called about once a second. */
  tick(nowMs: number): void {
    const { heartbeatMs } = this.#host;
    if (this.#state === "closed") return;
    if (this.#state === "greeting" || this.#state === "opening") {
      if (nowMs - this.#startedAt > HELLO_DEADLINE_MS + (this.#state === "opening" ? 30_000 : 0))
        this.end("no hello in time");
      return;
    }
    if (nowMs - this.#lastReceived > heartbeatMs * 2) {
      this.end("no sign of life");
      return;
    }
    if (nowMs - this.#lastSent >= heartbeatMs) {
      this.#lastSent = nowMs;
      this.#write({ $case: "ping", value: {} });
    }
  }

  /** Hands a delivery to the agent; frames are filled within the turn of the event loop. */
  send(delivery: HeldDelivery, subscription: Subscription): void {
    this.#sequence += 1;
    this.#pending.set(this.#sequence, { delivery, subscription, attempt: delivery.attempt, recording: false });
    this.#outbox.add({
      sequence: this.#sequence,
      id: delivery.idBytes,
      attempt: delivery.attempt,
      output: subscription.number,
      receivedAtMs: delivery.receivedAtMs,
      request: delivery.request,
      answerWanted: delivery.wantsAnswer,
    });
  }

  /** The configuration changed: serves what the token and the agent's wish say now. */
  reconfigure(token: Token): void {
    if (this.#hello === undefined || this.#admission === undefined || this.#state !== "live") return;
    const { served, unknownBuckets } = this.#host.outputsFor(token, this.#hello);
    const { changed, added } = this.#subscriptions.follow(served, creditOf(this.#admission, this.#hello));
    if (!changed) return;
    this.#sendOutputs(served, unknownBuckets);
    this.#subscriptions.attach(added);
  }

  /** Tells of webhooks that will not be delivered. */
  announceGap(outputId: string, { count, fromMs, toMs }: { count: number; fromMs: number; toMs: number }): void {
    this.#write({ $case: "gap", value: { outputId, count, fromMs, toMs } });
  }

  /** Tells that the session's secret is good until then and no longer; once, unless the time changes. Unix milliseconds. */
  warnOfOldSecret(validUntilMs: number, nowMs: number): void {
    if (this.#state !== "live" || this.#secretValidUntilMs === validUntilMs) return;
    this.#secretValidUntilMs = validUntilMs;
    this.#write({ $case: "secretReplaced", value: { validForMs: Math.max(0, Math.round(validUntilMs - nowMs)) } });
  }

  /** No new deliveries; the agent finishes what it has and comes back later, here or elsewhere. */
  drain(reconnectAfterMs: number, reason: string): void {
    if (this.#state !== "live") {
      this.end(reason);
      return;
    }
    this.#state = "draining";
    this.#write({ $case: "goAway", value: { reconnectAfterMs, reason } });
    if (this.#pending.size === 0) this.end(reason);
  }

  refuse({ reason, message, retryAfterMs }: Refusal): void {
    this.#write({
      $case: "refused",
      value: { reason, message, retryAfterMs, minProtocol: PROTOCOL_VERSION, maxProtocol: PROTOCOL_VERSION },
    });
    this.end(message);
  }

  /** Ends the session, whoever wants it; what was not acknowledged waits again. */
  end(reason: string): void {
    if (this.#state === "closed") return;
    const wasOpen = this.#admission !== undefined;
    this.#state = "closed";
    this.#outbox.clear();
    const byLane = new Map<Lane, HeldDelivery[]>();
    for (const pending of this.#pending.values()) {
      const held = byLane.get(pending.subscription.lane);
      if (held === undefined) byLane.set(pending.subscription.lane, [toRelease(pending)]);
      else held.push(toRelease(pending));
    }
    this.#pending.clear();
    this.#subscriptions.clear();
    for (const [lane, deliveries] of byLane) this.#dispatcher.release(lane, deliveries);
    this.transport.close();
    if (wasOpen) {
      this.#logger.info({ agent: this.agentName, agentId: this.#admission?.agentId, reason }, "agent.disconnected");
    }
    this.#host.closed(this);
  }

  async #open(hello: Hello): Promise<void> {
    this.#state = "opening";
    this.#hello = hello;
    let admission: Admission | Refusal;
    try {
      admission = await this.#host.admit(hello, this.transport, this);
    } catch (error) {
      this.#logger.warn({ err: error }, "agent.admission-failed");
      admission = {
        reason: Reason.REASON_OVERLOADED,
        message: "The server cannot open a session now.",
        retryAfterMs: 1_000,
      };
    }
    if (this.state === "closed") return;
    if ("reason" in admission) {
      this.refuse(admission);
      return;
    }
    this.#admission = admission;
    this.#state = "live";
    this.#write({
      $case: "welcome",
      value: {
        protocol: PROTOCOL_VERSION,
        epoch: admission.epoch,
        heartbeatMs: this.#host.heartbeatMs,
        resumeMs: this.#host.resumeWindowMs,
        ticket: admission.ticket,
        ticketTtlSeconds: admission.ticketTtlSeconds,
        serverVersion: this.#host.serverVersion,
        recordsTries: true,
      },
    });
    const { served, unknownBuckets } = this.#host.outputsFor(admission.token, hello);
    const { added } = this.#subscriptions.follow(served, creditOf(admission, hello));
    this.#sendOutputs(served, unknownBuckets);
    this.#host.opened(this);
    this.#subscriptions.attach(added);
  }

  #sendOutputs(served: readonly ServedOutput[], unknownBuckets: string[]): void {
    const outputs = this.#subscriptions.wire(served);
    this.#write({ $case: "outputs", value: { outputs, unknownBuckets } });
  }

  #acknowledge(acks: readonly Ack[]): void {
    const credited = new Set<Lane>();
    for (const ack of acks) {
      const lane = this.#finish(ack);
      if (lane !== undefined) credited.add(lane);
    }
    for (const lane of credited) this.#dispatcher.credit(lane);
    if (this.#state === "draining" && this.#pending.size === 0) this.end("drained");
  }

  /** Takes one ack; the lane that has its credit back. */
  #finish(ack: Ack): Lane | undefined {
    const pending = this.#pending.get(ack.sequence);
    // Twice the same, or of a session before: nothing to do.
    if (pending === undefined) return undefined;
    this.#pending.delete(ack.sequence);
    const { delivery, subscription } = pending;
    subscription.inFlight -= 1;
    subscription.inFlightBytes -= delivery.request.length;
    this.#host.delivered(ack.outcome, ack.durationMs / 1000);
    if (ack.outcome === Outcome.OUTCOME_RETURNED) {
      this.#subscriptions.pause(subscription);
      this.#dispatcher.release(subscription.lane, [toRelease(pending)]);
    } else {
      const answer = delivery.wantsAnswer ? wholeAnswer(ack, this.#answers) : undefined;
      const sealed = this.#sealAnswer(delivery, { ...ack, response: reported(ack, answer) });
      this.#dispatcher.ended(subscription.lane, delivery, {
        ...attemptEndOf(ack, delivery, Date.now()),
        keyVersion: sealed?.keyVersion ?? 0,
        response: sealed?.bytes ?? null,
        answer,
      });
    }
    return subscription.lane;
  }

  #sealAnswer(delivery: HeldDelivery, ack: Ack): { keyVersion: number; bytes: Buffer } | undefined {
    if (ack.outcome === Outcome.OUTCOME_DELIVERED || delivery.ephemeral) return undefined;
    try {
      return this.#sealer.seal(delivery.bucketId, delivery.idBytes, Ack.encode(ack).finish());
    } catch {
      // The bucket was deleted meanwhile: there is no key and nobody to show it to.
      return undefined;
    }
  }

  #write(frame: NonNullable<ConnectResponse["frame"]>): void {
    this.transport.send(ConnectResponse.encode({ frame }).finish());
  }
}

function creditOf({ agentId }: Admission, { window, windowBytes }: Hello): AgentCredit {
  return { agentId, window, windowBytes };
}
