import { RelayError } from "../errors.js";
import { checkSource } from "../executions/check-source.js";
import type { FunctionRuns } from "../executions/run-function.js";
import type { FunctionFields } from "../store/functions.js";

/** Throws 400 with line and column for a source that does not parse. */
export async function requireSource(
  functions: FunctionRuns,
  fields: Pick<FunctionFields, "driver" | "source">,
): Promise<void> {
  const check = await checkSource(functions, fields);
  if (check.kind === "wrong") throw new RelayError("invalid", `payload: ${check.text}`);
  if (check.kind === "busy") {
    throw new RelayError("unavailable", "The server is running many functions and cannot check this one. Try again.", {
      retryAfterSeconds: 2,
    });
  }
}
