import { Lane } from "../../src/delivery/lane.js";
import { outputPolicy } from "../../src/delivery/output-policy.js";
import { sampleOutput } from "./sample-catalog.js";

/** A lane for which nothing waits in the database. */
export function drainedLane(outputId = "output"): Lane {
  const lane = new Lane({ outputId, bucketId: "bucket", agentId: 0, policy: outputPolicy(sampleOutput()) });
  lane.claimed([], { drained: true, mark: lane.backlogMark });
  return lane;
}
