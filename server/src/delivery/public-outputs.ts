import type pg from "pg";
import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import type { Output } from "../catalog/model.js";
import type { Sealer } from "../crypto/sealer.js";
import { deleteCircuit, saveCircuit } from "../store/circuits.js";
import { lanesWithBacklog } from "../store/lanes-with-backlog.js";
import { wakeDeliveriesOfOutput } from "../store/wake-deliveries.js";
import { Circuit } from "./circuit.js";
import type { Dispatcher } from "./dispatcher.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";
import { publicAttemptEnd } from "./public-attempt-end.js";
import type { CallPublic, PublicAnswer } from "./public-call.js";
import { PublicConsumer } from "./public-consumer.js";

const TICK_MS = 250;

/** Deliveries that one statement wakes when their destination is back. */
const WAKE_BATCH = 1_000;

/** However long a destination asks to be left alone. */
const LONGEST_PAUSE_MS = 3_600_000;

export interface PublicOutputsOptions {
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly dispatcher: Dispatcher;
  readonly sealer: Sealer;
  readonly call: CallPublic;
  readonly logger: Logger;
  readonly serverId: () => number;
  /** `seconds`: how long the call took. */
  readonly onAttempt: (delivered: boolean, seconds: number) => void;
  /** An output is served no longer, or at another destination. */
  readonly onGone: (outputId: string) => void;
}

interface Served {
  output: Output;
  readonly lane: Lane;
  readonly consumer: PublicConsumer;
  readonly circuit: Circuit;
  attached: boolean;
}

/**
 * Calls the destinations of public outputs: each has a lane of its own, so that a slow or dead one fills nothing but that, and
 * a circuit that leaves it alone while it fails.
 */
export class PublicOutputs {
  readonly #options: PublicOutputsOptions;
  readonly #served = new Map<string, Served>();
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PublicOutputsOptions) {
    this.#options = options;
  }

  /** Outputs whose destination is left alone at the moment. */
  get openCircuits(): number {
    let count = 0;
    for (const { circuit } of this.#served.values()) if (circuit.state.kind !== "closed") count += 1;
    return count;
  }

  *idsInFlight(): Iterable<string> {
    for (const { consumer } of this.#served.values()) yield* consumer.ids();
  }

  start(): void {
    this.#unsubscribe = this.#options.catalog.onChange(() => this.#follow());
    this.#follow();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Starts no more calls, and waits for those under way, at most `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    for (const served of this.#served.values()) this.#detach(served);
    const deadline = performance.now() + drainMs;
    const busy = () => [...this.#served.values()].some(({ consumer }) => consumer.inFlight > 0);
    while (busy() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Serves what the configuration says now. */
  #follow(): void {
    const { catalog, dispatcher } = this.#options;
    const wanted = new Map<string, Output>();
    for (const { outputs } of catalog.buckets()) {
      for (const output of outputs) if (!output.internal && !output.disabled) wanted.set(output.id, output);
    }
    for (const [id, served] of this.#served) {
      const output = wanted.get(id);
      if (output !== undefined && output.destination === served.output.destination) {
        served.output = output;
        // It may have another pace now.
        dispatcher.lane(output, 0);
        continue;
      }
      this.#detach(served);
      this.#served.delete(id);
      this.#options.onGone(id);
      // Another destination has not failed yet.
      if (served.circuit.state.kind !== "closed") this.#forgetCircuit(id);
    }
    for (const [id, output] of wanted) {
      if (this.#served.has(id)) continue;
      const consumer = new PublicConsumer((delivery, probe) => this.#attempt(served, delivery, probe));
      const served: Served = {
        output,
        lane: dispatcher.lane(output, 0),
        consumer,
        circuit: new Circuit(),
        attached: false,
      };
      this.#served.set(id, served);
      this.#attach(served);
    }
  }

  async #attempt(served: Served, delivery: HeldDelivery, probe: boolean): Promise<void> {
    const { dispatcher, sealer, onAttempt } = this.#options;
    const answer = await this.#options.call(served.output, delivery);
    const delivered = answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
    onAttempt(delivered, answer.durationMs / 1_000);
    const end = publicAttemptEnd(delivery, answer, { sealer, now: Date.now() });
    const unseen = answer.kind === "failed" && answer.unreached;
    this.#judge(served, delivery, { answer, retryAfterMs: end.retryAfterMs, probe });
    // A probe that did not get there tells of the destination and not of the delivery.
    if (probe && unseen && served.circuit.state.kind === "open" && !delivery.ephemeral) {
      dispatcher.giveBack(served.lane, [delivery]);
    } else {
      dispatcher.ended(served.lane, delivery, end);
    }
    // After the consumer has let go of it.
    setImmediate(() => dispatcher.credit(served.lane));
  }

  /** What the attempt says of the destination's health. */
  #judge(
    served: Served,
    delivery: HeldDelivery,
    { answer, retryAfterMs, probe }: { answer: PublicAnswer; retryAfterMs: number | undefined; probe: boolean },
  ): void {
    const { circuit, consumer } = served;
    const now = performance.now();
    const reason = failureOf(answer);
    if (reason === undefined) {
      consumer.endProbe();
      if (circuit.succeeded()) this.#closed(served);
      return;
    }
    // What was called before the probe does not decide in its place.
    if (circuit.state.kind === "probing" && !probe) return;
    if (retryAfterMs !== undefined) consumer.pausedUntil = now + Math.min(retryAfterMs, LONGEST_PAUSE_MS);
    const unreached = answer.kind === "failed" && answer.unreached;
    if (circuit.failed({ webhookId: delivery.webhookId, unreached, reason, retryAfterMs }, now))
      this.#opened(served, probe);
  }

  #opened(served: Served, probed: boolean): void {
    const { logger, pool, serverId } = this.#options;
    const { circuit, consumer, output } = served;
    this.#detach(served);
    const { state } = circuit;
    if (state.kind !== "open") return;
    if (!probed) logger.warn({ output: output.id, reason: state.reason }, "circuit.opened");
    consumer.endProbe();
    const wallClock = Date.now() - performance.now();
    const { openedAtMs, probeAtMs, reason } = state;
    const shown = { openedAtMs: wallClock + openedAtMs, probeAtMs: wallClock + probeAtMs, reason };
    saveCircuit(pool, serverId(), { outputId: output.id, ...shown }).catch((error: unknown) => {
      logger.warn({ err: error, output: output.id }, "circuit.not-saved");
    });
  }

  #closed({ output, lane }: Served): void {
    const { logger, pool, dispatcher } = this.#options;
    logger.info({ output: output.id }, "circuit.closed");
    this.#forgetCircuit(output.id);
    const wake = async () => {
      for (let count = WAKE_BATCH; count === WAKE_BATCH; ) {
        count = await wakeDeliveriesOfOutput(pool, output.id, WAKE_BATCH);
        if (count > 0) dispatcher.backlog([output.id]);
      }
    };
    wake().catch((error: unknown) => logger.warn({ err: error, output: output.id }, "circuit.not-woken"));
    dispatcher.credit(lane);
  }

  #forgetCircuit(outputId: string): void {
    const { pool, serverId, logger } = this.#options;
    deleteCircuit(pool, serverId(), outputId).catch((error: unknown) => {
      logger.warn({ err: error, output: outputId }, "circuit.not-saved");
    });
  }

  #tick(): void {
    const now = performance.now();
    for (const served of this.#served.values()) {
      const { circuit, consumer, lane } = served;
      if (circuit.startProbe(now)) {
        this.#probe(served).catch((error: unknown) => {
          this.#options.logger.warn({ err: error, output: served.output.id }, "circuit.probe-failed");
          this.#noProbe(served);
        });
      } else if (consumer.pausedUntil > 0 && now >= consumer.pausedUntil) {
        consumer.pausedUntil = 0;
        this.#options.dispatcher.credit(lane);
      }
    }
  }

  /** Lets one delivery through: the oldest that waits, or else the one that is due first. */
  async #probe(served: Served): Promise<void> {
    const { pool } = this.#options;
    const { lane, output, consumer } = served;
    // An ephemeral bucket's webhooks wait in this memory alone.
    const waits = lane.queued > 0 || (await lanesWithBacklog(pool, [lane])).length > 0;
    if (!waits && (await wakeDeliveriesOfOutput(pool, output.id, 1)) === 0) {
      this.#noProbe(served);
      return;
    }
    if (this.#served.get(output.id) !== served) return;
    consumer.startProbe();
    this.#attach(served);
  }

  #noProbe({ circuit }: Served): void {
    circuit.probeWithoutEnd(performance.now());
  }

  #attach(served: Served): void {
    if (served.attached) return;
    served.attached = true;
    this.#options.dispatcher.attach(served.lane, served.consumer);
  }

  #detach(served: Served): void {
    if (!served.attached) return;
    served.attached = false;
    this.#options.dispatcher.detach(served.lane, served.consumer);
  }
}

/** Why an attempt counts against its destination, in a few words; undefined when it does not. */
function failureOf(answer: PublicAnswer): string | undefined {
  if (answer.kind === "failed") return answer.blocked ? undefined : answer.text;
  const { status } = answer;
  return status === 429 || status === 408 || status >= 500 ? `answers ${status}` : undefined;
}
