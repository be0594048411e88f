import { readFileSync } from "node:fs";
import type { ManifestPlan } from "@relay/provider-schema";
import { CliError, EXIT } from "../cli/exit-codes.js";
import { isRecord } from "./is-record.js";
import { writeFileAtomically } from "./write-file-atomically.js";

/** A plan kept for `relay apply --plan`: what was shown, and how it was asked for. It holds no secret. */
export interface PlanFile {
  readonly version: 1;
  readonly environment?: string;
  readonly adopt: readonly string[];
  readonly allow_undelivered_loss: boolean;
  readonly plan: ManifestPlan;
}

/** Writes a plan file. Throws CliError when it cannot. */
export function writePlanFile(path: string, file: PlanFile): void {
  writeFileAtomically(path, `${JSON.stringify(file, null, 2)}\n`, 0o644);
}

/** Reads a plan file. Throws CliError when it is none. */
export function readPlanFile(path: string): PlanFile {
  let file: unknown;
  try {
    file = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? "it is not JSON" : (cause as Error).message;
    throw new CliError(`cannot read the plan ${path}: ${why}`, EXIT.usage, { cause });
  }
  const plan = isRecord(file) && file.version === 1 ? file.plan : undefined;
  if (isRecord(plan) && typeof plan.fingerprint === "string" && typeof plan.manifest === "string") {
    return file as PlanFile;
  }
  throw new CliError(`${path} is not a plan of this program. Make one: relay plan -f … -o ${path}`, EXIT.usage);
}
