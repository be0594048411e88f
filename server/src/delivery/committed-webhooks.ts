import type { ChurnMap } from "../churn-map.js";
import type { Hint } from "../hint/hint.js";
import type { IncomingWebhook } from "../store/incoming-webhook.js";
import type { PlannedDelivery } from "../store/planned-delivery.js";
import { hasFunction } from "../webhook-functions/has-function.js";
import type { HeldDelivery } from "./held-delivery.js";
import type { Lane } from "./lane.js";
import type { Lanes } from "./lanes.js";
import type { AsksForAnswer } from "./wants-answer.js";

export interface CommittedWebhooksOptions {
  readonly lanes: Lanes;
  readonly hint: Hint;
  /** Ids between plan and lane: an id leaves it here, or when its function has run. */
  readonly underway: ChurnMap<string, true>;
  readonly wantsAnswer: AsksForAnswer;
  /** A webhook came that is nowhere but in this memory; its bytes. */
  readonly onEphemeral: (bytes: number) => void;
  /** A held delivery whose output has a function, which must see it before it joins its lane. */
  readonly prepare: (lane: Lane, delivery: HeldDelivery) => void;
  /** A batch put something into the lane, or left it waiting for it. */
  readonly onTouched: (lane: Lane) => void;
}

/** Puts deliveries into their lanes when their batch is committed, and says which outputs have something that waits. */
export class CommittedWebhooks {
  readonly #options: CommittedWebhooksOptions;
  /** Lanes that the batch being reported put something into. */
  #touched = new Set<Lane>();
  readonly #unhinted = new Set<string>();

  constructor(options: CommittedWebhooksOptions) {
    this.#options = options;
  }

  committed(webhook: IncomingWebhook, planned: readonly PlannedDelivery[]): void {
    const { lanes, underway, onEphemeral, prepare } = this.#options;
    for (const plan of planned) {
      const lane = lanes.find(plan.outputId, plan.agentId);
      if (lane !== undefined) this.#touched.add(lane);
      if (!plan.held) {
        lane?.markBacklog();
        this.#unhinted.add(plan.outputId);
        continue;
      }
      if (lane === undefined) {
        underway.delete(plan.idText);
        continue;
      }
      const delivery = this.#held(webhook, plan, lane);
      if (delivery.ephemeral) onEphemeral(webhook.request.length);
      if (hasFunction(lane.output)) {
        prepare(lane, delivery);
        continue;
      }
      underway.delete(plan.idText);
      lane.unreserve();
      lane.push(delivery);
    }
  }

  /** None of them was made. */
  dropped(planned: readonly PlannedDelivery[]): void {
    for (const { held, idText, outputId, agentId } of planned) {
      if (!held) continue;
      const { lanes, underway } = this.#options;
      underway.delete(idText);
      const lane = lanes.find(outputId, agentId);
      lane?.unreserve();
      if (lane !== undefined) this.#touched.add(lane);
    }
  }

  /** Not committed, or nobody knows. */
  failed(planned: readonly PlannedDelivery[]): void {
    const { lanes, underway } = this.#options;
    for (const plan of planned) {
      const lane = lanes.find(plan.outputId, plan.agentId);
      if (plan.held) {
        underway.delete(plan.idText);
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
    for (const lane of touched) this.#options.onTouched(lane);
    if (this.#unhinted.size === 0) return;
    this.#options.hint.publish("work", [...this.#unhinted]);
    this.#unhinted.clear();
  }

  #held(webhook: IncomingWebhook, { idText, idBytes }: PlannedDelivery, lane: Lane): HeldDelivery {
    const { inputId, receivedAtMs, request, sealed } = webhook;
    return {
      id: idText,
      idBytes,
      webhookId: webhook.idText,
      bucketId: lane.bucketId,
      inputId,
      outputId: lane.outputId,
      attempt: 1,
      retries: 0,
      skipFunction: false,
      receivedAtMs,
      request,
      wantsAnswer: this.#options.wantsAnswer(inputId, lane.output, receivedAtMs),
      ephemeral: sealed === undefined,
    };
  }
}
