import { type Attributes, COMBINATIONS, type Json, type Values } from "@relay/provider-schema";
import type { WholeSettings } from "./settings.js";

export interface SettingsProblem {
  /** Names of attributes, from the outermost on. */
  readonly path: readonly string[];
  readonly message: string;
  readonly hint?: string;
}

/** Stands for a secret, of which the rules need to know only that there is one. */
const KEPT = "(kept)";

/** What does not go together in an object's settings, its kept secrets included. */
export function settingsProblems(attributes: Attributes, { settings, secrets }: WholeSettings): SettingsProblem[] {
  return Object.entries(attributes).flatMap(([name, { combination, kind }]) => {
    const value = settings[name];
    if (combination === undefined || kind.type !== "object" || !isValues(value)) return [];
    const kept = Object.keys(secrets)
      .filter((path) => path.startsWith(`${name}.`))
      .map((path) => [path.slice(name.length + 1), KEPT] as const);
    return COMBINATIONS[combination]({ ...value, ...Object.fromEntries(kept) }).map((problem) => ({
      ...problem,
      path: [name, ...problem.path.map(String)],
    }));
  });
}

function isValues(value: Json | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
