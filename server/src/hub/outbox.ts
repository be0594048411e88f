import { encodeDeliveries } from "../wire/encode-deliveries.js";
import { type Delivery, FRAME_TARGET_BYTES, FRAME_TARGET_DELIVERIES } from "../wire/index.js";

/** Gathers deliveries into frames: a full one leaves at once, the rest at the end of the turn of the event loop. */
export class Outbox {
  readonly #send: (frame: Uint8Array) => void;
  #deliveries: Delivery[] = [];
  #bytes = 0;
  #scheduled = false;

  constructor(send: (frame: Uint8Array) => void) {
    this.#send = send;
  }

  add(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    this.#bytes += delivery.request.length;
    if (this.#deliveries.length >= FRAME_TARGET_DELIVERIES || this.#bytes >= FRAME_TARGET_BYTES) {
      this.#flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  /** Forgets what has not left. */
  clear(): void {
    this.#deliveries = [];
    this.#bytes = 0;
  }

  #flush(): void {
    if (this.#deliveries.length === 0) return;
    const deliveries = this.#deliveries;
    this.clear();
    this.#send(encodeDeliveries(deliveries));
  }
}
