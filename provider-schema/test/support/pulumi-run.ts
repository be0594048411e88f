import type { CommandResult } from "./run-command.js";
import type { ShownJson } from "./terraform-project.js";

/** What was planned for a resource, or done to it. */
export interface PulumiStep {
  /** "create", "same", "update", "replace", "create-replacement", "delete-replaced", "delete", "refresh", "import", ... */
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ShownJson;
  readonly newState?: ShownJson;
  /** Property path to the kind of its change: "add", "update-replace", ... */
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
}

/** A command that changed a stack. */
export interface PulumiRun extends CommandResult {
  /** What was done, in the order in which it ended, without what stayed the same. */
  readonly steps: readonly PulumiStep[];
  /** Steps that failed. */
  readonly failed: readonly PulumiStep[];
}

interface Metadata {
  readonly op: string;
  readonly urn: string;
  readonly old: ShownJson;
  readonly new: ShownJson;
  readonly detailedDiff: PulumiStep["detailedDiff"];
}

interface EngineEvent {
  readonly resOutputsEvent?: { readonly metadata: Metadata };
  readonly resOpFailedEvent?: { readonly metadata: Metadata };
  readonly diagnosticEvent?: { readonly message: string; readonly severity: string };
}

function toStep({ op, urn, old: oldState, new: newState, detailedDiff }: Metadata): PulumiStep {
  return { op, urn, oldState, newState, detailedDiff: detailedDiff ?? null };
}

/** Reads the events that `up --json` and its like print, one JSON object on a line. `text` becomes what they tell people. */
export function readEvents(result: CommandResult): PulumiRun {
  const lines = result.stdout.split("\n");
  const events = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as EngineEvent);
  const told = events
    .map((event) => event.diagnosticEvent)
    .filter((event) => event !== undefined && event.severity !== "debug");
  const other = lines.filter((line) => !line.startsWith("{"));
  const stdout = [...told.map((event) => event?.message), ...other].join("\n");
  const steps = events.map((event) => event.resOutputsEvent?.metadata).filter((metadata) => metadata !== undefined);
  const failed = events.map((event) => event.resOpFailedEvent?.metadata).filter((metadata) => metadata !== undefined);
  return {
    ...result,
    stdout,
    text: `${stdout} ${result.stderr}`.replace(/\s+/g, " ").trim(),
    steps: steps.map(toStep).filter(({ op }) => op !== "same"),
    failed: failed.map(toStep),
  };
}
