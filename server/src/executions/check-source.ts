import type { FunctionDriver } from "../functions/function-call.js";
import type { FunctionRuns } from "./run-function.js";

/** What a source that parses ends with. */
const PARSED = "relay: this source parses";

/** Ends the run at its very beginning; the whole source was parsed by then. On its first line, so that lines stay what they are. */
const BEFORE = { js: `throw new Error("${PARSED}");`, lua: `do error("${PARSED}", 0) end ` } as const;

export type SourceCheck =
  | { readonly kind: "right" }
  /** It does not parse; `text` says where. */
  | { readonly kind: "wrong"; readonly text: string }
  /** Nobody could look at it now. */
  | { readonly kind: "busy" };

/** Whether a source parses. Nothing of it runs. */
export async function checkSource(
  functions: FunctionRuns,
  { driver, source }: { readonly driver: FunctionDriver; readonly source: string },
): Promise<SourceCheck> {
  const before = BEFORE[driver];
  const result = await functions.run({
    functionId: "check",
    driver,
    source: before + source,
    variables: {},
    bucketId: "check",
    request: { method: "POST", path: "", rawQuery: "", headers: [], body: new Uint8Array() },
    metadata: {},
  });
  if (result.kind === "done") return { kind: "right" };
  const { reason, message, line, column } = result;
  if (message.includes(PARSED)) return { kind: "right" };
  if (reason === "busy" || reason === "crashed") return { kind: "busy" };
  if (line === undefined) return { kind: "wrong", text: message };
  const shift = line === 1 ? before.length : 0;
  const at = column === undefined ? "" : `, column ${Math.max(1, column - shift)}`;
  return { kind: "wrong", text: `line ${line}${at}: ${message}` };
}
