import type { ManifestProblem } from "@relay/provider-schema";

/** The manifest is wrong, or something is in its way: everything that is, at once. */
export class ManifestRefusedError extends Error {
  override name = "ManifestRefusedError";
  readonly problems: readonly ManifestProblem[];

  constructor(problems: readonly ManifestProblem[]) {
    const count = problems.length;
    super(`The manifest cannot be carried out: ${count} ${count === 1 ? "problem" : "problems"}.`);
    this.problems = problems;
  }
}
