import type { Handover } from "../store/webhook-writer.js";
import type { PullWaiters } from "./pull-waiters.js";

/** The handover of webhooks to delivery, with those that have no output to go to told to who waits to pull them. */
export function tellWaiters(handover: Handover, waiters: Pick<PullWaiters, "committed">): Handover {
  const unrouted = new Set<string>();
  return {
    get holder() {
      return handover.holder;
    },
    plan: (webhook, bucket) => handover.plan(webhook, bucket),
    committed: (webhook, planned) => {
      if (planned.length === 0 && webhook.bucket !== undefined) unrouted.add(webhook.bucket.id);
      handover.committed(webhook, planned);
    },
    duplicate: (planned) => handover.duplicate(planned),
    failed: (planned) => handover.failed(planned),
    batchDone: () => {
      handover.batchDone();
      if (unrouted.size === 0) return;
      waiters.committed(unrouted);
      unrouted.clear();
    },
  };
}
