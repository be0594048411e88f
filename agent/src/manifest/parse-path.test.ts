import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePath } from "./parse-path.js";
import { pathText } from "./path.js";

test("reads what pathText writes", () => {
  const step = fc.oneof(fc.nat(), fc.stringMatching(/^[\x20-\x7e\u00e0-\u00ff]{1,12}$/));
  fc.assert(
    fc.property(fc.array(step), (path) => {
      expect(parsePath(pathText(path))).toEqual(path);
    }),
  );
});
