import { OUTPUT, type OutputBody, type PlannedChange } from "@relay/provider-schema";
import { outputView } from "../../admin/output-view.js";
import { replacedOutput } from "../../admin/replaced-output.js";
import { sealSecrets } from "../../attributes/seal-secrets.js";
import { deleteOutputs, insertOutputs, updateOutputs, type WrittenOutput } from "../../store/outputs.js";
import { existingForm } from "./existing-form.js";
import { keptSecrets } from "./kept-secrets.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(OUTPUT);

export const OUTPUTS: ManifestResource = {
  resource: OUTPUT,
  existing: (catalog) =>
    catalog
      .buckets()
      .flatMap(({ name, outputs }) =>
        outputs.map((output) => form(output, [name, output.name], outputView(output), keptSecrets(output.secrets))),
      ),
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
  const { catalog, settingSealer } = work.execution;
  const id = work.id(change);
  const bucketId = work.bucketId(change);
  const before = catalog.bucket(bucketId)?.outputs.find((output) => output.id === id)?.secrets;
  const { secrets, ...fields } = replacedOutput(body, before);
  const settings = work.withFunctionId(fields.settings);
  const sealed = sealSecrets(settingSealer, { table: "output", id }, secrets);
  return { ...work.common(change), ...fields, settings, sealed, destination, agents, id, bucketId };
}
