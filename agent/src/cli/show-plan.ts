import type { ManifestPlan } from "@relay/provider-schema";
import { planMarkdown } from "../manifest/plan-markdown.js";
import { planText } from "../manifest/plan-text.js";
import { coloursFor } from "../render/colour.js";
import { EXIT, type ExitCode } from "./exit-codes.js";
import { printJson, type Terminal } from "./terminal.js";

export interface ViewFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly color: boolean;
}

/** Prints a plan the way the flags ask for it. The exit code says whether it changes anything. */
export function showPlan(terminal: Terminal, plan: ManifestPlan, flags: ViewFlags, environment?: string): ExitCode {
  if (flags.json === true) printJson(terminal, plan);
  else if (flags.markdown === true) terminal.stdout.write(planMarkdown(plan, environment));
  // The flag wins over everything that the environment says.
  else
    terminal.stdout.write(planText(plan, coloursFor(terminal.stdout, flags.color ? terminal.env : { NO_COLOR: "1" })));
  return plan.changes.length === 0 ? EXIT.ok : EXIT.changes;
}
