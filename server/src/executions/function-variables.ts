import type { RelayFunction } from "../catalog/model.js";

/** Where a function's variables stand among its secrets. */
const PREFIX = "variables.";

/** Variables of a function, opened, by their name. */
export function functionVariables({ secrets }: Pick<RelayFunction, "secrets">): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(secrets).map(([path, text]) => [path.slice(PREFIX.length), text]));
}

/** The same the other way round. */
export function variableSecrets(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [variablePath(name), text]));
}

export function variablePath(name: string): string {
  return PREFIX + name;
}

/** Their names, in order. */
export function variableNames(of: Pick<RelayFunction, "secrets">): readonly string[] {
  return Object.keys(functionVariables(of)).sort();
}
