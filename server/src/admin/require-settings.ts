import type { Attributes } from "@relay/provider-schema";
import type { WholeSettings } from "../attributes/settings.js";
import { settingsProblems } from "../attributes/settings-problems.js";
import { RelayError } from "../errors.js";

/** Throws 400 with one line per problem when settings do not go together. */
export function requireSettings(attributes: Attributes, whole: WholeSettings): void {
  const problems = settingsProblems(attributes, whole);
  if (problems.length === 0) return;
  const lines = problems.map(
    ({ path, message, hint }) => `${path.join(".")}: ${message}${hint === undefined ? "" : `; ${hint}`}`,
  );
  throw new RelayError("invalid", lines.join("\n"));
}
