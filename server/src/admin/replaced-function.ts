import type { FunctionBody } from "@relay/provider-schema";
import { variableSecrets } from "../executions/function-variables.js";
import type { FunctionFields } from "../store/functions.js";

/** What of the function so far stays where the body does not say otherwise. */
export type KeptOfFunction = Pick<FunctionFields, "source" | "secrets">;

/**
 * Clients that send a name send everything that is not a default: what is absent goes back to its default, but the source and
 * the variables, which classic clients write by calls of their own.
 */
export function replacedFunction(
  body: FunctionBody,
  before: KeptOfFunction,
): Omit<FunctionFields, "name" | "managedBy"> {
  return {
    description: body.description ?? "",
    driver: body.driver ?? "js",
    source: body.payload ?? before.source,
    secrets: body.variables === undefined ? before.secrets : variableSecrets(body.variables),
  };
}
