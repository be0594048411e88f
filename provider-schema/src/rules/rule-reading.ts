import type { Path, Problem } from "../engine/problem.js";
import { RULE_LIMITS } from "./rule-limits.js";

/** More are not told at once. */
const MAX_PROBLEMS = 20;

/** What one reading of a tree has found so far, and what it has used up of the limits. */
export class RuleReading {
  readonly problems: Problem[] = [];
  nodes = 0;
  textBytes = 0;
  instructions = 0;
  hashes = 0;

  /** True when it makes no sense to read on. */
  get full(): boolean {
    return this.problems.length >= MAX_PROBLEMS;
  }

  problem(path: Path, message: string, hint?: string): undefined {
    if (!this.full) this.problems.push(hint === undefined ? { path, message } : { path, message, hint });
    return undefined;
  }

  /** The text if PostgreSQL and UTF-8 can hold it and the tree may still hold it. */
  text(
    value: string,
    path: Path,
    { limit, unit }: { limit: number; unit: "bytes" | "characters" },
  ): string | undefined {
    const bytes = Buffer.byteLength(value);
    const size = unit === "bytes" ? bytes : value.length;
    if (size > limit) return this.problem(path, `must have at most ${limit} ${unit}, it has ${size}`);
    if (value.includes("\0")) return this.problem(path, "must not contain a NUL character");
    if (/\p{Surrogate}/u.test(value)) return this.problem(path, "must not contain half a surrogate pair");
    this.textBytes += bytes;
    if (this.textBytes > RULE_LIMITS.textBytes && this.textBytes - bytes <= RULE_LIMITS.textBytes) {
      this.problem(path, `is where the texts of the rules pass ${RULE_LIMITS.textBytes} bytes`, "write less");
    }
    return value;
  }
}
