import { expect, test } from "vitest";
import { secretProblem } from "./secret-problem.js";

test("a secret is what bcrypt reads whole", () => {
  expect(secretProblem("é".repeat(36))).toBeUndefined();
  expect(secretProblem("é".repeat(37))).toContain("it has 74");
  expect(secretProblem("")).toBe("must not be empty");
  expect(secretProblem("a\0b")).toContain("NUL");
});
