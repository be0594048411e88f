import type { Catalog } from "../catalog/catalog.js";
import type { HeldDelivery } from "../delivery/held-delivery.js";
import type { DestinationAnswer } from "./destination-answer.js";
import type { RemoteAnswers } from "./remote-answers.js";
import type { ResponseWaits } from "./response-waits.js";
import { senderMayWait } from "./sender-may-wait.js";

export interface SenderAnswersOptions {
  readonly catalog: Pick<Catalog, "input" | "output">;
  readonly waits: ResponseWaits;
  readonly remote: Pick<RemoteAnswers, "tell">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Brings what a destination answered to the sender that waits for it, on this server or another one. */
export class SenderAnswers {
  readonly #options: SenderAnswersOptions;

  constructor(options: SenderAnswersOptions) {
    this.#options = options;
  }

  /** A delivery is over; `answer` is undefined when its destination gave none. */
  over(delivery: HeldDelivery, answer: DestinationAnswer | undefined): void {
    if (!delivery.wantsAnswer) return;
    const { catalog, waits, remote, now } = this.#options;
    const { webhookId, inputId, outputId, receivedAtMs } = delivery;
    const output = catalog.output(outputId);
    if (output === undefined) return;
    if (!senderMayWait(catalog.input(inputId)?.input, output, { receivedAtMs, now: now() })) return;
    if (waits.has(webhookId)) waits.over(webhookId, answer);
    // What is never stored stays with the server that took it.
    else if (!delivery.ephemeral) remote.tell(delivery, answer);
  }
}
