import { INPUT, type InputBody, type PlannedChange } from "@relay/provider-schema";
import { inputView } from "../../admin/input-view.js";
import { replacedInput } from "../../admin/replaced-input.js";
import { sealSecrets } from "../../attributes/seal-secrets.js";
import { deleteInputs, insertInputs, updateInputs, type WrittenInput } from "../../store/inputs.js";
import { existingForm } from "./existing-form.js";
import { keptSecrets } from "./kept-secrets.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(INPUT);

export const INPUTS: ManifestResource = {
  resource: INPUT,
  existing: (catalog) =>
    catalog
      .buckets()
      .flatMap(({ name, inputs }) =>
        inputs.map((input) => form(input, [name, input.name], inputView(input, ""), keptSecrets(input.secrets))),
      ),
  remove: deleteInputs,
  make: (client, changes, work) =>
    insertInputs(
      client,
      changes.map((change) => row(change, work)),
    ),
  change: (client, changes, work) =>
    updateInputs(
      client,
      changes.map((change) => row(change, work)),
    ),
};

function row(change: PlannedChange, work: PlanWork): WrittenInput {
  const { catalog, settingSealer } = work.execution;
  const id = work.id(change);
  const before = catalog.input(change.id ?? "")?.input.secrets;
  const { secrets, ...fields } = replacedInput(work.values<InputBody>(change), before);
  const settings = work.withFunctionId(fields.settings);
  const sealed = sealSecrets(settingSealer, { table: "input", id }, secrets);
  return { ...work.common(change), ...fields, settings, sealed, id, bucketId: work.bucketId(change) };
}
