import type { InputBody, Values } from "@relay/provider-schema";
import { INPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { replacedSettings, type SettingSecrets } from "../attributes/settings.js";
import type { InputFields } from "../store/inputs.js";

/**
 * Clients that send a name send everything that is not a default: what is absent goes back to its default. `before` are the
 * secrets of the input so far.
 */
export function replacedInput(body: InputBody, before: SettingSecrets = {}): Omit<InputFields, "name" | "managedBy"> {
  return {
    description: body.description ?? "",
    statusCode: body.status_code ?? 0,
    headers: body.headers ?? {},
    body: body.body ?? "",
    ...replacedSettings(INPUT_SETTINGS, body as Values, before),
  };
}
