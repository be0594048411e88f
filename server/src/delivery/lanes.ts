import type { Output } from "../catalog/model.js";
import { Lane } from "./lane.js";

/** All lanes of this server: one per output, or one per output and agent where each agent gets its own deliveries. */
export class Lanes implements Iterable<Lane> {
  readonly #lanes = new Map<string, Map<number, Lane>>();

  /** The lane in which the agent's deliveries of the output stand; made when there is none. */
  of(output: Output, agentId: number): Lane {
    const key = output.agents === "each" ? agentId : 0;
    let lanes = this.#lanes.get(output.id);
    if (lanes === undefined) {
      lanes = new Map();
      this.#lanes.set(output.id, lanes);
    }
    let lane = lanes.get(key);
    if (lane === undefined) {
      lane = new Lane(output, key);
      lanes.set(key, lane);
    }
    lane.output = output;
    return lane;
  }

  /** `agentId` 0: of an output that any agent serves. */
  find(outputId: string, agentId: number): Lane | undefined {
    return this.#lanes.get(outputId)?.get(agentId);
  }

  ofOutput(outputId: string): Iterable<Lane> {
    return this.#lanes.get(outputId)?.values() ?? [];
  }

  /** Forgets lanes that nobody serves, that hold nothing and whose output is gone: names of outputs are endless. */
  keepOnly(known: (outputId: string) => boolean): void {
    for (const [outputId, lanes] of this.#lanes) {
      if (known(outputId)) continue;
      for (const [agentId, lane] of lanes) if (lane.idle) lanes.delete(agentId);
      if (lanes.size === 0) this.#lanes.delete(outputId);
    }
  }

  *[Symbol.iterator](): Iterator<Lane> {
    for (const lanes of this.#lanes.values()) yield* lanes.values();
  }
}
