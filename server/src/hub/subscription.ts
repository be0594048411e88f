import type { Output } from "../catalog/model.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { Lane, LaneConsumer } from "../delivery/lane.js";

/** The session a subscription belongs to, as far as it needs it. */
export interface DeliverySender {
  readonly canSend: boolean;
  send(delivery: HeldDelivery, subscription: Subscription): void;
}

/** One output served by one session: the agent's credit for it. */
export class Subscription implements LaneConsumer {
  readonly number: number;
  readonly lane: Lane;
  output: Output;
  window: number;
  windowBytes: number;
  inFlight = 0;
  inFlightBytes = 0;
  /** The agent gave a delivery back: it is offered nothing for a while, or it would get the same one at once. */
  paused = false;
  readonly #sender: DeliverySender;

  constructor(
    sender: DeliverySender,
    options: { number: number; lane: Lane; output: Output; window: number; windowBytes: number },
  ) {
    this.#sender = sender;
    this.number = options.number;
    this.lane = options.lane;
    this.output = options.output;
    this.window = options.window;
    this.windowBytes = options.windowBytes;
  }

  free(): number {
    if (this.paused || !this.#sender.canSend || this.inFlightBytes >= this.windowBytes) return 0;
    return Math.max(0, this.window - this.inFlight);
  }

  take(delivery: HeldDelivery): void {
    this.inFlight += 1;
    this.inFlightBytes += delivery.request.length;
    this.#sender.send(delivery, this);
  }
}
