import type { OutputBody, Values } from "@relay/provider-schema";
import { OUTPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { replacedSettings, type SettingSecrets } from "../attributes/settings.js";
import type { OutputFields } from "../store/outputs.js";

/** What has a default that an absent field returns to, for classic clients too. */
export type OptionalOutputFields = Omit<OutputFields, "name" | "destination" | "agents" | "managedBy">;

/**
 * Clients that send a name send everything that is not a default: what is absent goes back to its default. `before` are the
 * secrets of the output so far.
 */
export function replacedOutput(body: OutputBody, before: SettingSecrets = {}): OptionalOutputFields {
  return {
    description: body.description ?? "",
    internal: true,
    disabled: body.disabled ?? false,
    lockPath: body.lock_path ?? false,
    headers: body.headers ?? {},
    timeoutSeconds: body.timeout ?? 0,
    tlsVerification: body.tls_verification ?? false,
    ...replacedSettings(OUTPUT_SETTINGS, body as Values, before),
  };
}
