import { INPUT } from "@relay/provider-schema";
import { INPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { settingsView } from "../attributes/settings.js";
import type { Input } from "../catalog/model.js";
import { functionReferencesView } from "./function-references-view.js";

/** Nothing of its secrets is ever shown. */
export type ShownInput = Omit<Input, "secrets">;

/** An input as the API shows it. `url` (where webhooks are sent to) and `managed_by` are ours. */
export function inputView(input: ShownInput, publicUrl: string): object {
  return {
    id: input.id,
    managed_by: input.managedBy,
    bucket_id: input.bucketId,
    name: input.name,
    description: input.description,
    status_code: input.statusCode,
    headers: input.headers,
    body: input.body,
    custom_domain: "",
    path_prefix: "",
    strip_path_prefix: false,
    legacy_tls: false,
    tls_version: "",
    ...settingsView(INPUT_SETTINGS, input.settings),
    ...functionReferencesView(INPUT, input),
    url: `${publicUrl}/v1/webhooks/${input.id}`,
    created_at: input.createdAt,
    updated_at: input.updatedAt,
  };
}
