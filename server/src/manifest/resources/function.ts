import { FUNCTION, type FunctionBody, type PlannedChange } from "@relay/provider-schema";
import { functionView } from "../../admin/function-view.js";
import { replacedFunction } from "../../admin/replaced-function.js";
import { sealSecrets } from "../../attributes/seal-secrets.js";
import { variableNames } from "../../executions/function-variables.js";
import { deleteFunctions, insertFunctions, updateFunctions, type WrittenFunction } from "../../store/functions.js";
import { existingForm } from "./existing-form.js";
import { keptSecrets } from "./kept-secrets.js";
import type { ManifestResource } from "./manifest-resource.js";
import type { PlanWork } from "./plan-work.js";

const form = existingForm(FUNCTION);

export const FUNCTIONS: ManifestResource = {
  resource: FUNCTION,
  existing: (catalog) =>
    catalog.functions().map((each) => {
      // Of the variables the names alone, so that one that is not declared any more is seen.
      const variables = Object.fromEntries(variableNames(each).map((name) => [name, ""]));
      return form(each, [each.name], { ...functionView(each), variables }, keptSecrets(each.secrets));
    }),
  remove: deleteFunctions,
  make: (client, changes, work) =>
    insertFunctions(
      client,
      changes.map((change) => row(change, work)),
    ),
  change: (client, changes, work) =>
    updateFunctions(
      client,
      changes.map((change) => row(change, work)),
    ),
};

function row(change: PlannedChange, work: PlanWork): WrittenFunction {
  const { catalog, settingSealer } = work.execution;
  const id = work.id(change);
  const body = work.values<FunctionBody>(change);
  const before = catalog.function(change.id ?? "");
  const kept = { source: before?.source ?? "", secrets: before?.secrets ?? {} };
  const { secrets, ...fields } = replacedFunction(body, kept);
  const sealed = sealSecrets(settingSealer, { table: "function", id }, secrets);
  return { ...work.common(change), ...fields, sealed, id };
}
