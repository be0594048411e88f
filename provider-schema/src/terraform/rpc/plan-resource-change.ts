import { isSameParent } from "../../client/same-parent.js";
import { writeOnlyName, writeOnlyVersionName } from "../../derive/terraform-attributes.js";
import { planResource } from "../../engine/plan-resource.js";
import { UNKNOWN, type Values } from "../../engine/value.js";
import type { Resource } from "../../model.js";
import { importIdOf } from "../import-id.js";
import type {
  Diagnostic,
  PlanResourceChange_Request,
  PlanResourceChange_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { attributePath } from "../value/attribute-path.js";
import { decodeObject } from "../value/decode.js";
import { attributeDiagnostic } from "../value/diagnostics.js";
import { encodeObject } from "../value/encode.js";
import { withoutWriteOnly } from "../value/write-only.js";

/** What becomes of an object. */
export async function planResourceChange(
  request: PlanResourceChange_Request,
  context: ProviderContext,
): Promise<PlanResourceChange_Response> {
  const resource = context.resource(request.typeName);
  const { attributes } = resource;
  const nothing = { requiresReplace: [], plannedPrivate: request.priorPrivate, diagnostics: [] };
  const config = decodeObject(attributes, request.config);
  if (config === null) return { ...nothing, plannedState: encodeObject(attributes, null) };

  const prior = decodeObject(attributes, request.priorState);
  const written = withoutWriteOnly(attributes, config);
  const brings = bringsSecret(resource, config);
  const { planned, replaces } = planResource(resource, {
    prior: prior === null || brings ? prior : withBroughtSecrets(resource, prior),
    config: prior === null ? written : await withPriorParent(context, resource, { prior, written }),
    bringsSecret: brings,
  });
  return {
    ...nothing,
    diagnostics: prior === null ? await takenWarnings(context, resource, planned) : [],
    plannedState: encodeObject(attributes, planned),
    requiresReplace: replaces.map((path) => attributePath(attributes, path)),
  };
}

/** What is there already cannot be made: better known from the plan than from half an apply. */
async function takenWarnings(
  { connection }: ProviderContext,
  resource: Resource,
  planned: Values,
): Promise<Diagnostic[]> {
  if (!((await connection.takenNames?.has(resource, planned)) ?? false)) return [];
  const { name, attributes } = resource;
  // Terraform shows one of several warnings with the same summary.
  const summary = `There is a ${name} ${JSON.stringify(planned.name)} already`;
  const message = `is the name of a ${name} that exists: unless this run removes it first, it cannot be made. If an earlier run was cut off after it had made it, or if Terraform is to manage it from now on, import it by "${importIdOf(resource, planned)}"`;
  return [attributeDiagnostic("warning", summary, { path: ["name"], message }, attributes)];
}

/** A reference to the same parent, by id where it was by name, is no change: it stays as it was written first. */
async function withPriorParent(
  { connection }: ProviderContext,
  resource: Resource,
  { prior, written }: { prior: Values; written: Values },
): Promise<Values> {
  const { parent } = resource;
  if (parent === undefined) return written;
  const same = await isSameParent(() => connection.api, resource, { prior, config: written });
  return same ? { ...written, [parent]: prior[parent] ?? null } : written;
}

/**
 * The state says by the version alone that there was a write-only secret of the user's own. When that goes, so does what it
 * kept the server from: making one.
 */
function withBroughtSecrets({ attributes }: Resource, prior: Values): Values {
  const brought = Object.keys(attributes).filter(
    (name) => attributes[name]?.secret === "given" && (prior[writeOnlyVersionName(name)] ?? null) !== null,
  );
  return { ...prior, ...Object.fromEntries(brought.map((name) => [name, UNKNOWN])) };
}

/** A write-only secret of the user's own: the server makes none, now or by rotation. */
function bringsSecret({ attributes }: Resource, config: Values): boolean {
  return Object.keys(attributes).some(
    (name) => attributes[name]?.secret === "given" && (config[writeOnlyName(name)] ?? null) !== null,
  );
}
