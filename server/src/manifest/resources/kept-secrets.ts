import type { SettingSecrets } from "../../attributes/settings.js";
import { keptSecret } from "../secret-comparison.js";

/** Secrets of an object that the server keeps encrypted, as plans compare them. */
export function keptSecrets(secrets: SettingSecrets): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(secrets).map(([path, secret]) => [path, keptSecret(secret)]));
}
