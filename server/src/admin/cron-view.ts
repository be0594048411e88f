import { CRON, type Values } from "@relay/provider-schema";
import { CRON_SETTINGS } from "../attributes/setting-attributes.js";
import { settingsView } from "../attributes/settings.js";
import type { Cron } from "../catalog/model.js";
import type { CronRuns } from "../store/cron-runs.js";
import { functionReferencesView } from "./function-references-view.js";

/**
 * A cron as the API shows it. Its times are texts (RFC 3339), as existing clients expect of crons alone. `next_run` and
 * `last_run` are there when `runs` is: null when there is none.
 */
export function cronView(cron: Cron, runs?: CronRuns): object {
  return {
    id: cron.id,
    managed_by: cron.managedBy,
    bucket_id: cron.bucketId,
    name: cron.name,
    description: cron.description,
    ...settingsView(CRON_SETTINGS, cron.settings as unknown as Values),
    ...functionReferencesView(CRON, cron),
    ...(runs === undefined ? {} : { next_run: timeText(runs.nextRunMs), last_run: timeText(runs.lastRunMs) }),
    created_at: new Date(cron.createdAt * 1000).toISOString(),
    updated_at: new Date(cron.updatedAt * 1000).toISOString(),
  };
}

function timeText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
