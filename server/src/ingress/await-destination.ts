import type { ServerResponse } from "node:http";
import type { Bucket, Input } from "../catalog/model.js";
import { mayAnswer, type ResponsePolicy } from "../responses/response-policy.js";
import type { ResponseWaits } from "../responses/response-waits.js";
import type { PlannedDelivery } from "../store/planned-delivery.js";
import { answerAsConfigured } from "./answer-as-configured.js";
import { answerAsDestination } from "./answer-as-destination.js";

/** Why a sender waits no longer. */
export type WaitOutcome = "answered" | "unanswered" | "late" | "gone";

export interface AwaitOptions {
  readonly webhookId: string;
  readonly input: Input;
  readonly bucket: Bucket;
  readonly policy: ResponsePolicy;
  readonly waits: ResponseWaits;
  readonly onEnd: (outcome: WaitOutcome, seconds: number) => void;
}

/** A webhook whose sender waits for its destination. */
export interface DestinationWait {
  /** It is committed, with these deliveries. */
  committed(planned: readonly PlannedDelivery[]): void;
  /** It is not, and its sender hears of that. */
  failed(): void;
}

/**
 * Answers the sender of a webhook when a destination has answered, as the destination did; and as the input is configured
 * when none does in time, or none can. Call it before the commit.
 */
export function awaitDestination(response: ServerResponse, options: AwaitOptions): DestinationWait {
  const { webhookId, input, bucket, policy, waits, onEnd } = options;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1_000;
  const wait = waits.open(webhookId, { bucketId: bucket.id, timeoutMs: policy.timeoutMs }, (end) => {
    response.off("close", gone);
    onEnd(end.kind, seconds());
    if (end.kind === "answered") answerAsDestination(response, end.answer);
    else answerAsConfigured(response, input);
  });
  const gone = () => {
    wait.cancel();
    onEnd("gone", seconds());
  };
  response.once("close", gone);
  return {
    committed: (planned) => {
      const answering = new Set(bucket.outputs.filter((output) => mayAnswer(policy, output)).map(({ id }) => id));
      wait.expect(planned.filter(({ outputId }) => answering.has(outputId)).length);
    },
    failed: () => {
      response.off("close", gone);
      wait.cancel();
    },
  };
}
