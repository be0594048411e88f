import type { SettingSecrets } from "../../attributes/settings.js";
import { keptSecret } from "../secret-comparison.js";

/** Secrets that the server has at hand, as what exists is compared by. */
export function keptSecrets(secrets: SettingSecrets): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(secrets).map(([path, secret]) => [path, keptSecret(secret)]));
}
