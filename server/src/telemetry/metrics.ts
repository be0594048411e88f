import { monitorEventLoopDelay } from "node:perf_hooks";
import client from "prom-client";
import type { DeliveryCounts } from "../store/delivery-counts.js";
import { KmsMetrics } from "./kms-metrics.js";

/** What the metrics ask of the running server, at scrape time. */
export interface MetricsSources {
  readonly agents: () => number;
  readonly agentsOnOldSecret: () => number;
  readonly queued: () => number;
  readonly pendingBytes: () => number;
  readonly openCircuits: () => number;
  readonly waitingSenders: () => number;
  readonly ephemeralBytes: () => number;
  /** What waits for a free connection to the database. */
  readonly waitingForDatabase: () => number;
  readonly deliveryCounts: () => Promise<DeliveryCounts>;
  /** Wrapped values under another key-encryption key than the current one. */
  readonly keysToRewrap: () => number;
  /** Changes that each applied manifest would make now. */
  readonly manifestDrift: () => Promise<ReadonlyMap<string, number>>;
}

const OUTCOMES = ["unspecified", "delivered", "failed", "unreachable", "blocked", "returned"] as const;

/** Prometheus metrics. On the hot path they cost an addition; labels are few and never ids. */
export class Metrics {
  readonly #registry = new client.Registry();
  readonly #received: client.Counter;
  readonly #receivedBytes: client.Counter;
  readonly #refused: client.Counter;
  readonly #unverified: client.Counter;
  readonly #answerSeconds: client.Histogram;
  readonly #batchSize: client.Histogram;
  readonly #batchSeconds: client.Histogram;
  readonly #batchFailures: client.Counter;
  readonly #waits: client.Histogram;
  readonly #executionsDropped: client.Counter;
  readonly #responseFunctionsDropped: client.Counter;
  readonly #deliveries: client.Counter;
  readonly #deliverySeconds: client.Histogram;
  readonly #completionSeconds: client.Histogram;
  readonly #sessions: client.Counter;
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    const registers = [this.#registry];
    client.collectDefaultMetrics({ register: this.#registry });
    this.#received = new client.Counter({
      name: "relay_webhooks_received_total",
      help: "Webhooks committed and answered.",
      registers,
    });
    this.#receivedBytes = new client.Counter({
      name: "relay_webhook_body_bytes_total",
      help: "Bytes of their bodies.",
      registers,
    });
    this.#refused = new client.Counter({
      name: "relay_webhooks_refused_total",
      help: "Requests to inputs that were refused.",
      labelNames: ["status"],
      registers,
    });
    this.#unverified = new client.Counter({
      name: "relay_webhooks_unverified_total",
      help: "Webhooks refused by the verification of their input, by reason.",
      labelNames: ["reason"],
      registers,
    });
    this.#answerSeconds = new client.Histogram({
      name: "relay_ingest_seconds",
      help: "From the request's head to its answer.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
      registers,
    });
    this.#batchSize = new client.Histogram({
      name: "relay_commit_batch_size",
      help: "Webhooks per commit.",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 512],
      registers,
    });
    this.#batchSeconds = new client.Histogram({
      name: "relay_commit_seconds",
      help: "Time of a commit.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.#batchFailures = new client.Counter({
      name: "relay_commit_failures_total",
      help: "Batches that were not committed.",
      registers,
    });
    this.#waits = new client.Histogram({
      name: "relay_response_wait_seconds",
      help: "How long senders waited for a destination's answer, by how it ended.",
      labelNames: ["outcome"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    });
    this.#executionsDropped = new client.Counter({
      name: "relay_executions_dropped_total",
      help: "Runs of functions whose log was dropped because the database did not keep up.",
      registers,
    });
    this.#responseFunctionsDropped = new client.Counter({
      name: "relay_response_functions_dropped_total",
      help: "Functions that did not run after a delivery, because too many waited.",
      registers,
    });
    this.#deliveries = new client.Counter({
      name: "relay_deliveries_total",
      help: "Attempts of deliveries, answered by agents or by public destinations.",
      labelNames: ["outcome"],
      registers,
    });
    this.#deliverySeconds = new client.Histogram({
      name: "relay_delivery_seconds",
      help: "Time at the destination, and at the agent where there is one.",
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    });
    this.#completionSeconds = new client.Histogram({
      name: "relay_completion_seconds",
      help: "Time to record a batch of outcomes.",
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 1],
      registers,
    });
    this.#sessions = new client.Counter({
      name: "relay_agent_sessions_total",
      help: "Agent sessions by what became of their hello.",
      labelNames: ["result"],
      registers,
    });
  }

  /** Wires what is measured at scrape time; called once, when the parts exist. */
  observe(sources: MetricsSources): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new client.Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    gauge("relay_agents", "Connected agents.", sources.agents);
    gauge(
      "relay_agents_on_old_secret",
      "Connected agents whose token has a newer secret than they have.",
      sources.agentsOnOldSecret,
    );
    gauge("relay_deliveries_queued", "Deliveries in memory that no agent has yet.", sources.queued);
    gauge("relay_ingest_pending_bytes", "Bytes waiting for their commit.", sources.pendingBytes);
    gauge("relay_ephemeral_bytes", "Bytes of ephemeral webhooks in memory.", sources.ephemeralBytes);
    gauge("relay_circuits_open", "Public destinations that fail and are left alone for a while.", sources.openCircuits);
    gauge("relay_waiting_senders", "Senders that wait for a destination's answer.", sources.waitingSenders);
    gauge(
      "relay_database_waiting",
      "Statements that wait for a free connection to the database.",
      sources.waitingForDatabase,
    );
    gauge(
      "relay_keys_to_rewrap",
      "Wrapped keys that could not be wrapped anew with the current key-encryption key.",
      sources.keysToRewrap,
    );
    const delay = this.#delay;
    delay.enable();
    new client.Gauge({
      name: "relay_event_loop_delay_seconds",
      help: "Event-loop delay since the last scrape.",
      labelNames: ["quantile"],
      registers,
      collect() {
        // The histogram measures its own timer; what is above the resolution is delay.
        for (const quantile of [50, 90, 99]) {
          this.set({ quantile: String(quantile / 100) }, Math.max(0, delay.percentile(quantile) / 1e9 - 0.01));
        }
        this.set({ quantile: "1" }, Math.max(0, delay.max / 1e9 - 0.01));
        delay.reset();
      },
    });
    let asking: Promise<DeliveryCounts | undefined> | undefined;
    // Both gauges of one scrape share the query.
    const counts = () => {
      asking ??= sources
        .deliveryCounts()
        .catch(() => undefined)
        .finally(() => {
          asking = undefined;
        });
      return asking;
    };
    new client.Gauge({
      name: "relay_deliveries_unfinished",
      help: "Deliveries in the database by state (bounded count).",
      labelNames: ["state"],
      registers,
      async collect() {
        const found = await counts();
        if (found === undefined) return;
        this.set({ state: "waiting" }, found.waiting);
        this.set({ state: "held" }, found.held);
        this.set({ state: "scheduled" }, found.scheduled);
      },
    });
    new client.Gauge({
      name: "relay_manifest_drift",
      help: "Changes that would bring what exists back to what the manifest declared when it was applied last.",
      labelNames: ["manifest"],
      registers,
      async collect() {
        const found = await sources.manifestDrift().catch(() => undefined);
        if (found === undefined) return;
        this.reset();
        for (const [manifest, count] of found) this.set({ manifest }, count);
      },
    });
    new client.Gauge({
      name: "relay_queue_age_seconds",
      help: "Age of the oldest delivery that waits.",
      registers,
      async collect() {
        const found = await counts();
        if (found !== undefined) this.set(found.oldestSeconds);
      },
    });
  }

  /** The metrics of Cloud KMS; called once, where it is used. */
  kms(): KmsMetrics {
    return new KmsMetrics(this.#registry);
  }

  received(bytes: number, seconds: number): void {
    this.#received.inc();
    this.#receivedBytes.inc(bytes);
    this.#answerSeconds.observe(seconds);
  }

  refused(status: number): void {
    this.#refused.inc({ status });
  }

  unverified(reason: string): void {
    this.#unverified.inc({ reason });
  }

  waited(outcome: string, seconds: number): void {
    this.#waits.observe({ outcome }, seconds);
  }

  batch(size: number, seconds: number): void {
    this.#batchSize.observe(size);
    this.#batchSeconds.observe(seconds);
  }

  batchFailed(): void {
    this.#batchFailures.inc();
  }

  executionsDropped(count: number): void {
    this.#executionsDropped.inc(count);
  }

  responseFunctionsDropped(count: number): void {
    this.#responseFunctionsDropped.inc(count);
  }

  delivered(outcome: number, seconds: number): void {
    this.#deliveries.inc({ outcome: OUTCOMES[outcome] ?? "unspecified" });
    this.#deliverySeconds.observe(seconds);
  }

  completed(seconds: number): void {
    this.#completionSeconds.observe(seconds);
  }

  session(result: string): void {
    this.#sessions.inc({ result });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
