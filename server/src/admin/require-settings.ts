import type { Attributes } from "@relay/provider-schema";
import { type CalledOutput, type HostRefusal, outputProblems } from "../attributes/output-problems.js";
import type { WholeSettings } from "../attributes/settings.js";
import { type SettingsProblem, settingsProblems } from "../attributes/settings-problems.js";
import { RelayError } from "../errors.js";

/** Throws 400 with one line per problem when settings do not go together. */
export function requireSettings(attributes: Attributes, whole: WholeSettings): void {
  refuse(settingsProblems(attributes, whole));
}

/** The same for who calls an output's destination. */
export function requireCallable(output: CalledOutput, refusal: HostRefusal): void {
  refuse(outputProblems(output, refusal));
}

function refuse(problems: readonly SettingsProblem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ path, message, hint }) => `${path.join(".")}: ${message}${hint === undefined ? "" : `; ${hint}`}`,
  );
  throw new RelayError("invalid", lines.join("\n"));
}
