import { OUTPUT } from "@relay/provider-schema";
import { OUTPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { settingsView } from "../attributes/settings.js";
import type { Output } from "../catalog/model.js";
import { classicOutputFields } from "./classic-output.js";
import { functionReferencesView } from "./function-references-view.js";

/** Nothing of its secrets is ever shown. */
export type ShownOutput = Omit<Output, "secrets">;

/** An output as the API shows it. `agents` and `managed_by` are ours. */
export function outputView(output: ShownOutput): object {
  return {
    id: output.id,
    managed_by: output.managedBy,
    bucket_id: output.bucketId,
    name: output.name,
    description: output.description,
    destination: output.destination,
    disabled: output.disabled,
    internal: output.internal,
    lock_path: output.lockPath,
    headers: output.headers,
    timeout: output.timeoutSeconds,
    tls_verification: output.tlsVerification,
    agents: output.agents,
    ...settingsView(OUTPUT_SETTINGS, output.settings),
    ...classicOutputFields(output.settings),
    ...functionReferencesView(OUTPUT, output),
    created_at: output.createdAt,
    updated_at: output.updatedAt,
  };
}
