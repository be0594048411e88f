import { expect, test } from "vitest";
import { sampleOutput } from "../../test/support/sample-catalog.js";
import { Lanes } from "./lanes.js";

test("an output that any agent serves has one lane, one for each agent has many", () => {
  const lanes = new Lanes();
  const one = sampleOutput({ id: "one", agents: "one" });
  const each = sampleOutput({ id: "each", agents: "each" });
  expect(lanes.of(one, 1)).toBe(lanes.of(one, 2));
  expect(lanes.of(each, 1)).not.toBe(lanes.of(each, 2));
  expect([...lanes]).toHaveLength(3);
  expect(lanes.find("each", 2)).toBe(lanes.of(each, 2));
  expect(lanes.find("none", 0)).toBeUndefined();
});

test("threat: outputs made and deleted without end leave nothing behind, but a lane in use stays", () => {
  const lanes = new Lanes();
  for (let i = 0; i < 1_000; i += 1) lanes.of(sampleOutput({ id: `output ${i}` }), 0);
  const used = lanes.of(sampleOutput({ id: "used" }), 0);
  used.consumers.push({ free: () => 0, take: () => undefined });
  lanes.keepOnly((outputId) => outputId === "output 7");
  expect([...lanes].map((lane) => lane.outputId)).toEqual(["output 7", "used"]);
  used.consumers.pop();
  lanes.keepOnly(() => false);
  expect([...lanes]).toEqual([]);
});
