import { isTemplate, parseDestinationTemplate, parseTemplate } from "@relay/provider-schema";
import type { SettingsProblem } from "./settings-problems.js";

/** What of an output says who calls which destination. */
export interface CalledOutput {
  readonly destination: string;
  readonly internal: boolean;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Why the server would never call a host, or undefined: the part of the destination guard that asks nobody. */
export type HostRefusal = (hostname: string) => string | undefined;

/** What does not go together in an output: who calls it, where it goes, and what is filled in. */
export function outputProblems(
  { destination, internal, headers }: CalledOutput,
  refusal: HostRefusal,
): SettingsProblem[] {
  // Agents fill in nothing: to them, braces are braces.
  if (internal) {
    if (!/\s/.test(destination) && URL.canParse(destination)) return [];
    const hint = "agents fill in nothing; with internal = false the server does";
    return [{ path: ["destination"], message: "must be an absolute http or https URL", hint }];
  }
  const problems: SettingsProblem[] = [];
  const parsed = parseDestinationTemplate(destination);
  if (parsed.kind === "wrong") problems.push({ path: ["destination"], message: parsed.problem });
  else {
    const refused = refusal(new URL(parsed.parts.origin).hostname);
    if (refused !== undefined) {
      problems.push({ path: ["destination"], message: refused, hint: "or let an agent call it: internal = true" });
    }
  }
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values.filter(isTemplate)) {
      const template = parseTemplate(value);
      if (template.kind === "wrong") problems.push({ path: ["headers", name], message: template.problem });
      else if (name.toLowerCase() === "host") {
        problems.push({
          path: ["headers", name],
          message: "must not have {{ }}: nobody else may say where a call goes",
        });
      }
    }
  }
  return problems;
}
