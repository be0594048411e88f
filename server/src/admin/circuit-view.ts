import { selectCircuits } from "../store/circuits.js";
import type { Queryable } from "../store/queryable.js";

/** Whether the destination of an output is called at the moment, and if not, why and until when. Times are Unix seconds. */
export async function circuitView(db: Queryable, outputId: string): Promise<object> {
  const [open] = await selectCircuits(db, [outputId]);
  if (open === undefined) return { state: "closed" };
  return {
    state: "open",
    reason: open.reason,
    opened_at: Math.floor(open.openedAtMs / 1_000),
    probe_at: Math.floor(open.probeAtMs / 1_000),
  };
}
