import { manifestPath } from "@relay/provider-schema";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePath } from "./parse-path.js";

test("reads what manifestPath writes", () => {
  const step = fc.oneof(
    fc.nat(),
    fc.string({ unit: "binary", minLength: 1 }),
    fc.stringMatching(/^[\x20-\x7e]{1,12}$/),
  );
  fc.assert(
    fc.property(fc.array(step), (path) => {
      expect(parsePath(manifestPath(path))).toEqual(path);
    }),
  );
});
