import type { Output } from "../catalog/model.js";
import { selectAgentsOfOutputs } from "../store/connected-agents.js";
import type { Queryable } from "../store/queryable.js";

/** Agents known by name, of each output that gives each of them its own delivery. */
export async function agentsByOutput(db: Queryable, outputs: readonly Output[]): Promise<Map<string, number[]>> {
  const each = outputs.filter(({ agents }) => agents === "each").map(({ id }) => id);
  const byOutput = new Map<string, number[]>();
  if (each.length === 0) return byOutput;
  for (const { outputId, agentId } of await selectAgentsOfOutputs(db, each)) {
    byOutput.set(outputId, [...(byOutput.get(outputId) ?? []), agentId]);
  }
  return byOutput;
}

/**
 * Which agents get it: 0 stands for any one. With `each`, the agent it was for; when it was for none in particular (the
 * output was changed, or another output is named), all that serve the output. Empty: nobody is left.
 */
export function agentTargets(output: Output, original: number, serving: readonly number[] = []): readonly number[] {
  if (output.agents === "one") return [0];
  if (original === 0) return serving;
  return serving.includes(original) ? [original] : [];
}
