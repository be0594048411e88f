import { OUTPUT, type OutputBody, type PlannedChange } from "@relay/provider-schema";
import { outputView } from "../../admin/output-view.js";
import { replacedOutput } from "../../admin/replaced-output.js";
import { deleteOutputs, insertOutputs, updateOutputs, type WrittenOutput } from "../../store/outputs.js";
import { existingForm } from "./existing-form.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(OUTPUT);

export const OUTPUTS: ManifestResource = {
  resource: OUTPUT,
  existing: (catalog) =>
    catalog
      .buckets()
      .flatMap(({ name, outputs }) => outputs.map((output) => form(output, [name, output.name], outputView(output)))),
  remove: deleteOutputs,
  make: (client, changes, work) =>
    insertOutputs(
      client,
      changes.map((change) => row(change, work)),
    ),
  change: (client, changes, work) =>
    updateOutputs(
      client,
      changes.map((change) => row(change, work)),
    ),
};

function row(change: PlannedChange, work: PlanWork): WrittenOutput {
  const body = work.values<OutputBody>(change);
  const { destination, agents } = body;
  if (destination === undefined || agents === undefined) throw new Error("manifest: an output without a destination");
  return {
    ...work.common(change),
    ...replacedOutput(body),
    destination,
    agents,
    id: work.id(change),
    bucketId: work.bucketId(change),
  };
}
