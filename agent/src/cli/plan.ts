import type { ApiClient } from "../api/api-client.js";
import { askForPlan, type RequestFlags } from "../manifest/ask-for-plan.js";
import { writePlanFile } from "../manifest/plan-file.js";
import type { ExitCode } from "./exit-codes.js";
import { showPlan, type ViewFlags } from "./show-plan.js";
import type { Terminal } from "./terminal.js";

export interface PlanFlags extends RequestFlags, ViewFlags {
  readonly out?: string;
}

/** `relay plan`: what an apply would change now; ends with 2 when that is something. */
export async function plan(api: ApiClient, terminal: Terminal, flags: PlanFlags): Promise<ExitCode> {
  const { request, plan: planned } = await askForPlan(api, terminal, flags);
  if (flags.out !== undefined) {
    writePlanFile(flags.out, {
      version: 1,
      ...(flags.environment === undefined ? {} : { environment: flags.environment }),
      adopt: request.adopt,
      allow_undelivered_loss: request.allowUndeliveredLoss,
      plan: planned,
    });
  }
  return showPlan(terminal, planned, flags, flags.environment);
}
