import type { ManifestPlan } from "@relay/provider-schema";
import type { ApiClient } from "../api/api-client.js";
import { askForPlan, type RequestFlags } from "../manifest/ask-for-plan.js";
import { CliError, EXIT, type ExitCode } from "./exit-codes.js";
import { showPlan, type ViewFlags } from "./show-plan.js";
import type { Terminal } from "./terminal.js";

export type DiffFlags = RequestFlags & ViewFlags;

/** `relay diff -f FILE`: its plan. `relay diff NAME`: how the world drifted from what was last applied under that name. */
export async function diff(
  api: ApiClient,
  terminal: Terminal,
  name: string | undefined,
  flags: DiffFlags,
): Promise<ExitCode> {
  if (name === undefined) {
    const { plan } = await askForPlan(api, terminal, flags);
    return showPlan(terminal, plan, flags, flags.environment);
  }
  const { file, environment, name: renamed, adopt, allowUndeliveredLoss } = flags;
  if (file.length + adopt.length > 0 || environment !== undefined || renamed !== undefined || allowUndeliveredLoss) {
    throw new CliError("a name stands alone: what was applied under it is known to the server", EXIT.usage);
  }
  const drift = await api.json<ManifestPlan>("GET", `/v1/manifests/${encodeURIComponent(name)}/drift`);
  return showPlan(terminal, drift, flags);
}
