import fc from "fast-check";
import { expect, test } from "vitest";
import { ChurnMap } from "./churn-map.js";

test("behaves as a Map does, whatever is set, deleted and cleared", () => {
  const operation = fc.oneof(
    { weight: 10, arbitrary: fc.record({ kind: fc.constant("set" as const), key: fc.nat(40), value: fc.nat() }) },
    { weight: 10, arbitrary: fc.record({ kind: fc.constant("delete" as const), key: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.constant({ kind: "clear" as const }) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 2_000, size: "max" }), (operations) => {
      const map = new ChurnMap<number, number>();
      const model = new Map<number, number>();
      for (const each of operations) {
        if (each.kind === "set") {
          map.set(each.key, each.value);
          model.set(each.key, each.value);
        } else if (each.kind === "delete") {
          expect(map.delete(each.key)).toBe(model.delete(each.key));
        } else {
          map.clear();
          model.clear();
        }
        expect(map.size).toBe(model.size);
      }
      for (let key = 0; key <= 40; key += 1) expect(map.get(key)).toBe(model.get(key));
      expect([...map.keys()]).toEqual([...model.keys()]);
      expect([...map.values()]).toEqual([...model.values()]);
    }),
    { numRuns: 50 },
  );
});
