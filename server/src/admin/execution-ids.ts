import type { WebhookExecution } from "../store/webhook-executions.js";

/** The runs of functions that a delivery went through, newest tries; empty where there is none. Our own is the last one. */
export function executionIds(deliveryId: string, executions: readonly WebhookExecution[]): object {
  const idOf = (isIt: (execution: WebhookExecution) => boolean): string => executions.find(isIt)?.id ?? "";
  return {
    input_function_execution_id: idOf((each) => each.deliveryId === null),
    output_function_execution_id: idOf((each) => each.deliveryId === deliveryId && !each.ofResponse),
    response_function_execution_id: idOf((each) => each.deliveryId === deliveryId && each.ofResponse),
  };
}
