import { Lane } from "../../src/delivery/lane.js";

/** A lane for which nothing waits in the database. */
export function drainedLane(outputId = "output"): Lane {
  const lane = new Lane({ outputId, bucketId: "bucket", agentId: 0 });
  lane.claimed([], { drained: true, mark: lane.backlogMark });
  return lane;
}
