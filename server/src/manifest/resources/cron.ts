import { CRON, type CronBody, type PlannedChange } from "@relay/provider-schema";
import { cronView } from "../../admin/cron-view.js";
import { replacedCron } from "../../admin/replaced-cron.js";
import { writtenCron } from "../../crons/written-cron.js";
import { deleteCrons, insertCrons, updateCrons, type WrittenCron } from "../../store/crons.js";
import { existingForm } from "./existing-form.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(CRON);

export const CRONS: ManifestResource = {
  resource: CRON,
  existing: (catalog) =>
    catalog.buckets().flatMap(({ name, crons }) => crons.map((cron) => form(cron, [name, cron.name], cronView(cron)))),
  remove: deleteCrons,
  make: (client, changes, work) =>
    insertCrons(
      client,
      changes.map((change) => row(change, work)),
    ),
  change: (client, changes, work) =>
    updateCrons(
      client,
      changes.map((change) => row(change, work)),
    ),
};

function row(change: PlannedChange, work: PlanWork): WrittenCron {
  const id = work.id(change);
  const bucketId = work.bucketId(change);
  const before = work.execution.catalog.bucket(bucketId)?.crons.find((cron) => cron.id === id);
  const { settings, ...own } = replacedCron(work.values<CronBody>(change));
  const fields = { ...work.common(change), ...own, settings: work.withFunctionId(settings) };
  return writtenCron({ id, bucketId, fields, before, nowMs: work.execution.clock() });
}
