import type { Logger } from "pino";
import type { Bucket, Output } from "../catalog/model.js";
import type { ChurnMap } from "../churn-map.js";
import { idText, newId } from "../ids.js";
import { factsOf } from "../rules/facts-of.js";
import { OutputRules } from "../rules/output-rules.js";
import type { WebhookFacts } from "../rules/webhook-facts.js";
import type { IncomingWebhook } from "../store/incoming-webhook.js";
import type { PlannedDelivery } from "../store/planned-delivery.js";
import type { KnownAgents } from "./known-agents.js";
import type { Lanes } from "./lanes.js";
import { isGoverned, outputPolicy } from "./output-policy.js";
import { rejectedDelivery } from "./rejected-delivery.js";

export interface WebhookPlansOptions {
  readonly lanes: Lanes;
  readonly knownAgents: KnownAgents;
  /** Takes the ids of what is planned as held, until it is committed and in its lane. */
  readonly underway: ChurnMap<string, true>;
  readonly logger: Logger;
  /** False: this server takes nothing more in hand. */
  readonly mayHold: () => boolean;
}

/** A webhook on its way to one of its outputs. */
interface Planning {
  readonly webhook: IncomingWebhook;
  readonly bucket: Bucket;
  readonly output: Output;
  /** What can be asked about the webhook: looked up once, and only when somebody asks. */
  readonly facts: () => WebhookFacts;
}

/** Decides which deliveries a webhook makes before it is written: to which outputs, and which of them this server holds. */
export class WebhookPlans {
  readonly #options: WebhookPlansOptions;
  readonly #rules: OutputRules;

  constructor(options: WebhookPlansOptions) {
    this.#options = options;
    this.#rules = new OutputRules(options.logger);
  }

  /** Reserves a place in its lane for each delivery that is planned as held. */
  of(webhook: IncomingWebhook, bucket: Bucket): readonly PlannedDelivery[] {
    if (webhook.halted !== undefined) return haltedDeliveries(webhook, bucket, webhook.halted);
    const planned: PlannedDelivery[] = [];
    let known: WebhookFacts | undefined;
    const facts = () => {
      known ??= factsOf(webhook.request);
      return known;
    };
    for (const output of bucket.outputs) {
      if (output.disabled) continue;
      const rejection = this.#rules.rejection(output, facts);
      if (rejection !== undefined) {
        planned.push(rejectedDelivery(webhook, output, rejection));
        continue;
      }
      if (!output.internal || output.agents === "one") {
        planned.push(this.#one({ webhook, bucket, output, facts }, 0));
      } else {
        for (const agentId of this.#options.knownAgents.of(output.id)) {
          planned.push(this.#one({ webhook, bucket, output, facts }, agentId));
        }
      }
    }
    return planned;
  }

  #one({ webhook, bucket, output, facts }: Planning, agentId: number): PlannedDelivery {
    const id = newId(webhook.receivedAtMs);
    const policy = outputPolicy(output);
    const governed = isGoverned(policy) && !bucket.ephemeral;
    const plan = {
      idBytes: id,
      idText: idText(id),
      outputId: output.id,
      agentId,
      orderKey: governed ? policy.orderOf?.(facts()) : undefined,
      counted: governed && (policy.pace?.concurrency ?? 0) > 0,
    };
    // Only the database knows what other servers have in hand of it.
    if (governed) return { ...plan, held: false };
    const { lanes, underway, mayHold } = this.#options;
    const found = lanes.find(output.id, agentId);
    // What is never stored can only be kept by the server that took it.
    const lane = bucket.ephemeral ? (found ?? lanes.of(output, agentId)) : found?.live && mayHold() ? found : undefined;
    if (lane === undefined) {
      found?.notHeld();
      return { ...plan, held: false };
    }
    lane.reserve();
    underway.set(plan.idText, true);
    return { ...plan, held: true };
  }
}

/** One for each output that would have got it, so that it can be sent again to each; for the bucket when there is none. */
function haltedDeliveries(webhook: IncomingWebhook, { outputs }: Bucket, reason: string): PlannedDelivery[] {
  const enabled = outputs.filter(({ disabled }) => !disabled);
  if (enabled.length === 0) return [rejectedDelivery(webhook, { id: "" }, reason)];
  return enabled.map((output) => rejectedDelivery(webhook, output, reason));
}
