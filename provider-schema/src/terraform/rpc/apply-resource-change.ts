import { changeObject } from "../../client/change-object.js";
import { PartlyDoneError } from "../../client/partly-done-error.js";
import { RelayApiError } from "../../client/relay-api-error.js";
import type { Values } from "../../engine/value.js";
import type { Attributes, Resource } from "../../model.js";
import { failureDiagnostic } from "../failure-diagnostic.js";
import { importIdOf } from "../import-id.js";
import type {
  ApplyResourceChange_Request,
  ApplyResourceChange_Response,
  Diagnostic,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { encodeObject } from "../value/encode.js";
import { sendsSecret, withPlannedSecrets, withSecrets } from "../value/write-only.js";

/**
 * Carries a plan out. Whatever happens, the state that it answers is what is known of the object: terraform forgets an object
 * without one.
 */
export async function applyResourceChange(
  request: ApplyResourceChange_Request,
  context: ProviderContext,
): Promise<ApplyResourceChange_Response> {
  const resource = context.resource(request.typeName);
  const { attributes } = resource;
  const { objects } = context.connection;
  const prior = decodeObject(attributes, request.priorState);
  const planned = decodeObject(attributes, request.plannedState);
  const answer = (state: Values | null, diagnostics: Diagnostic[] = []) => ({
    newState: encodeObject(attributes, state),
    private: request.plannedPrivate,
    diagnostics,
  });
  try {
    if (planned === null) {
      if (prior !== null) await objects.delete(resource, prior);
      return answer(null);
    }
    const complete = withSecrets(attributes, planned, decodeObject(attributes, request.config) ?? {});
    const state =
      prior === null
        ? await objects.create(resource, complete)
        : await changeObject(objects, resource, {
            prior,
            planned: complete,
            secrets: sendsSecret(attributes, prior, planned),
          });
    return answer(withPlannedSecrets(attributes, state, planned));
  } catch (error) {
    const state = error instanceof PartlyDoneError ? known(attributes, error.state, prior ?? planned) : prior;
    const failure = failureDiagnostic(error, context.log);
    return answer(state, [prior === null && isConflict(error) ? withImportHint(failure, resource, planned) : failure]);
  }
}

/** The name is taken already. */
function isConflict(error: unknown): boolean {
  return error instanceof RelayApiError && (error.status === 409 || error.status === 412);
}

function withImportHint(failure: Diagnostic, resource: Resource, planned: Values | null): Diagnostic {
  const id = importIdOf(resource, planned ?? {});
  return { ...failure, detail: `${failure.detail} If Terraform is to manage the one there is, import it by "${id}".` };
}

/** The state of what was done in part, without secrets that were only sent. */
function known(attributes: Attributes, state: Values, before: Values | null): Values {
  return withPlannedSecrets(attributes, state, before ?? {});
}
