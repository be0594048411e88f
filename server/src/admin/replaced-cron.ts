import type { CronBody } from "@relay/provider-schema";
import { cronSettings } from "../attributes/cron-settings.js";
import type { Cron } from "../catalog/model.js";
import type { CronFields } from "../store/crons.js";

type Replaced = Omit<CronFields, "name" | "managedBy">;

/** Clients that send a name send everything that is not a default. `schedule` must be there. */
export function replacedCron(body: CronBody): Replaced {
  return { description: body.description ?? "", settings: cronSettings(body) };
}

/** Clients that send no name change only what they send. */
export function mergedCron(body: CronBody, { description, settings }: Cron): Replaced {
  return replacedCron({ description, ...settings, ...body });
}
