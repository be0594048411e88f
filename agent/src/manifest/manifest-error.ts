import { CliError, EXIT } from "../cli/exit-codes.js";
import { type LocatedProblem, problemText } from "./located-problem.js";

/** Everything that is wrong with a manifest, at once. */
export class ManifestError extends CliError {
  readonly problems: readonly LocatedProblem[];

  constructor(problems: readonly LocatedProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`the manifest has ${count}:\n${problems.map((each) => `  ${problemText(each)}`).join("\n")}`, EXIT.failure);
    this.problems = problems;
  }
}
