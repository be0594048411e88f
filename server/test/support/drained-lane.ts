import { Lane } from "../../src/delivery/lane.js";
import { sampleOutput } from "./sample-catalog.js";

/** A lane for which nothing waits in the database. */
export function drainedLane(outputId = "output"): Lane {
  const lane = new Lane(sampleOutput({ id: outputId }), 0);
  lane.claimed([], { drained: true, mark: lane.backlogMark });
  return lane;
}
