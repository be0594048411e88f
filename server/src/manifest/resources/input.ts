import { INPUT, type InputBody, type PlannedChange } from "@relay/provider-schema";
import { inputView } from "../../admin/input-view.js";
import { replacedInput } from "../../admin/replaced-input.js";
import { deleteInputs, insertInputs, updateInputs, type WrittenInput } from "../../store/inputs.js";
import { existingForm } from "./existing-form.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(INPUT);

export const INPUTS: ManifestResource = {
  resource: INPUT,
  existing: (catalog) =>
    catalog
      .buckets()
      .flatMap(({ name, inputs }) => inputs.map((input) => form(input, [name, input.name], inputView(input, "")))),
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
  const body = work.values<InputBody>(change);
  return { ...work.common(change), ...replacedInput(body), id: work.id(change), bucketId: work.bucketId(change) };
}
