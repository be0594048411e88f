import { declaredValues, type Values } from "@relay/provider-schema";
import type { CronSettings } from "../catalog/model.js";
import { CRON_SETTINGS } from "./setting-attributes.js";

/** Every setting of a cron, defaults filled in: a row may be older than an attribute. `schedule` must be there. */
export function cronSettings(written: object): CronSettings {
  return declaredValues(CRON_SETTINGS, written as Values) as unknown as CronSettings;
}
