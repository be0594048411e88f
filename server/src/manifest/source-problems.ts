import { type DeclaredObject, type ManifestProblem, manifestPath, objectPath, SCHEMA } from "@relay/provider-schema";
import type { Catalog } from "../catalog/catalog.js";
import { RelayError } from "../errors.js";
import { checkSource } from "../executions/check-source.js";
import type { FunctionRuns } from "../executions/run-function.js";

/** Sources that do not parse, of the declared functions that are new or have another source than they had. */
export async function sourceProblems(
  { catalog, functions }: { readonly catalog: Catalog; readonly functions: FunctionRuns },
  declared: readonly DeclaredObject[],
): Promise<ManifestProblem[]> {
  const problems: ManifestProblem[] = [];
  for (const object of declared) {
    if (object.resource !== "function") continue;
    const { payload, driver } = object.values;
    if (typeof payload !== "string" || (driver !== "js" && driver !== "lua")) continue;
    const before = catalog.functionByName(object.path[0] ?? "");
    if (before?.source === payload && before.driver === driver) continue;
    const check = await checkSource(functions, { driver, source: payload });
    if (check.kind === "busy") {
      throw new RelayError("unavailable", "The server is running many functions and cannot check these. Try again.", {
        retryAfterSeconds: 2,
      });
    }
    if (check.kind === "right") continue;
    problems.push({
      path: manifestPath([...objectPath(SCHEMA.resources, object), "payload"]),
      message: check.text,
      hint: "Correct the source of the function.",
    });
  }
  return problems;
}
