import client from "prom-client";

/** What the metrics ask of the watch over the key-encryption key, at scrape time. */
export interface KmsSources {
  readonly standing: () => "good" | "grace" | "locked";
  readonly secondsSinceGood: () => number;
  /** Seconds for which data keys in memory may still be used; undefined while all is well. */
  readonly graceSeconds: () => number | undefined;
}

/** Metrics of Cloud KMS; only made where the key-encryption key is there. */
export class KmsMetrics {
  readonly #registry: client.Registry;
  readonly #calls: client.Counter;

  constructor(registry: client.Registry) {
    this.#registry = registry;
    this.#calls = new client.Counter({
      name: "relay_kms_calls_total",
      help: "Calls to Cloud KMS with their retries, by operation and result (ok, away, refused, damaged).",
      labelNames: ["operation", "result"],
      registers: [registry],
    });
  }

  /** Wires what is measured at scrape time; called once. */
  observe(sources: KmsSources): void {
    const gauge = (name: string, help: string, value: () => number) =>
      new client.Gauge({
        name,
        help,
        registers: [this.#registry],
        collect() {
          this.set(value());
        },
      });
    gauge("relay_kms_up", "1 when the last check of the key in Cloud KMS passed.", () =>
      Number(sources.standing() === "good"),
    );
    gauge("relay_kms_locked", "1 when the grace is over: no webhook is taken.", () =>
      Number(sources.standing() === "locked"),
    );
    gauge("relay_kms_seconds_since_good", "Age of the last check that passed.", sources.secondsSinceGood);
    gauge(
      "relay_kms_grace_seconds",
      "For how long data keys in memory may still be used; -1 while the key can be used.",
      () => sources.graceSeconds() ?? -1,
    );
  }

  call(operation: string, result: string): void {
    this.#calls.inc({ operation, result });
  }
}
