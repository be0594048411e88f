import type { Problem } from "../engine/problem.js";
import { readRules } from "./read-rules.js";

/** Everything that is wrong with a tree of rules; each path begins in the tree. What is unknown yet is right. */
export function ruleProblems(tree: unknown): readonly Problem[] {
  return readRules(tree).problems;
}
