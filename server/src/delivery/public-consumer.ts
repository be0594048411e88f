import type { HeldDelivery } from "./held-delivery.js";
import type { LaneConsumer } from "./lane.js";

/** How many calls of one destination are under way at a time, when its output does not say. */
const CONCURRENCY = 32;

/** Takes deliveries of a public output, as many at a time as its destination is to be called. */
export class PublicConsumer implements LaneConsumer {
  readonly #make: (delivery: HeldDelivery, probe: boolean) => Promise<void>;
  readonly #inFlight = new Map<string, HeldDelivery>();
  /** Whether one call alone is made, which decides whether the destination is back. */
  #probe: "none" | "wanted" | "made" = "none";
  /** The destination asked to be left alone until then; milliseconds of a monotonic clock. */
  pausedUntil = 0;

  /** `make` makes the attempt and reports its end; it never rejects. */
  constructor(make: (delivery: HeldDelivery, probe: boolean) => Promise<void>) {
    this.#make = make;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Takes one delivery, whatever is still under way, and no more. */
  startProbe(): void {
    this.#probe = "wanted";
  }

  /** Takes as many as usual. */
  endProbe(): void {
    this.#probe = "none";
  }

  ids(): Iterable<string> {
    return this.#inFlight.keys();
  }

  free(): number {
    if (performance.now() < this.pausedUntil) return 0;
    if (this.#probe !== "none") return this.#probe === "wanted" ? 1 : 0;
    return Math.max(0, CONCURRENCY - this.#inFlight.size);
  }

  take(delivery: HeldDelivery): void {
    this.#inFlight.set(delivery.id, delivery);
    const probe = this.#probe === "wanted";
    if (probe) this.#probe = "made";
    void this.#make(delivery, probe).finally(() => this.#inFlight.delete(delivery.id));
  }
}
