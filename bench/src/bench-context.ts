import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure } from "./figure.js";
import type { LoadOptions, LoadResult } from "./load/run-load.js";
import type { DestinationProcess } from "./processes/start-destination.js";
import type { LoadProcess } from "./processes/start-load.js";

/** How long the parts of a row take; `--quick` shortens them. */
export interface Pace {
  readonly quick: boolean;
  readonly warmUpMs: number;
  readonly closedLoopMs: number;
  readonly openLoopMs: number;
  readonly ingestMs: number;
}

/** Everything the rows of one repeat share. */
export interface BenchContext {
  readonly pace: Pace;
  readonly load: LoadProcess;
  readonly destination: DestinationProcess;
  /** Requests per second of bare fastify in this repeat, by connections and payload, such as `64` or `64-github`. */
  readonly bare: Map<string, number>;
  readonly cpuProfileDir: string | undefined;
  /** Adds to the table. */
  add(figure: Figure): void;
  /** Answered webhooks that never arrived; any ends the bench with an error. */
  lost(count: number, where: string): void;
  /** Notes answers other than 200 and broken connections of a load that should have neither. */
  refusals(result: LoadResult, where: string): void;
  /** Says what is going on, on stderr. */
  note(text: string): void;
  /** A new folder that every user may enter, removed at the end. */
  folder(name: string): Promise<string>;
  /** Runs a load under fresh sequence numbers. */
  run(options: Omit<LoadOptions, "firstSequence" | "host">): Promise<LoadResult>;
  /** The number the next load begins with. */
  nextSequence(): number;
}

export const PACES: Readonly<Record<"full" | "quick", Pace>> = {
  full: { quick: false, warmUpMs: 2_000, closedLoopMs: 8_000, openLoopMs: 10_000, ingestMs: 5_000 },
  quick: { quick: true, warmUpMs: 1_000, closedLoopMs: 2_500, openLoopMs: 3_000, ingestMs: 2_000 },
};

/** A folder in the system's temporary one, entered by every user because PostgreSQL runs as another one under root. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "relay-bench-"));
  await chmod(path, 0o755);
  return path;
}
