import { sameValue } from "../engine/same-value.js";
import { UNKNOWN, type Value, type Values } from "../engine/value.js";
import type { Resource } from "../model.js";
import { PartlyDoneError } from "./partly-done-error.js";
import { RelayApiError } from "./relay-api-error.js";
import type { RelayObjects } from "./relay-objects.js";

const KEEPERS = "rotation_keepers";
const OWN_SECRET = "own_secret";

/**
 * Changes an object to what is planned of it, and gives it a new secret when its keepers changed, the user brings another
 * one or no longer brings one. `secrets` says which given secrets, by path, are sent. Throws RelayApiError when nothing was
 * changed, PartlyDoneError when the change was made and the rotation was not.
 */
export async function changeObject(
  objects: RelayObjects,
  resource: Resource,
  { prior, planned, secrets }: { prior: Values; planned: Values; secrets: (path: string) => boolean },
): Promise<Values> {
  // A secret of the user's own comes by rotation, where the one before lives on for its grace.
  const state = await objects.update(resource, prior, planned, {
    secrets: (path) => path !== OWN_SECRET && secrets(path),
  });
  const keepers = resource.attributes[KEEPERS];
  if (keepers === undefined) return state;
  const turned = !sameValue(keepers.kind, prior[KEEPERS] ?? {}, planned[KEEPERS] ?? {});
  const own = text(planned[OWN_SECRET]);
  const another = own === null ? text(prior[OWN_SECRET]) !== null || planned.secret === UNKNOWN : secrets(OWN_SECRET);
  if (!turned && !another) return withSecret(state, prior.secret ?? null);
  try {
    const secret = await objects.rotate(String(state.id), {
      graceSeconds: typeof planned.rotation_grace === "number" ? planned.rotation_grace : 0,
      ownSecret: own,
    });
    return withSecret(state, secret);
  } catch (error) {
    if (!(error instanceof RelayApiError)) throw error;
    throw new PartlyDoneError(error, {
      ...withSecret(state, prior.secret ?? null),
      [KEEPERS]: prior[KEEPERS] ?? {},
      [OWN_SECRET]: prior[OWN_SECRET] ?? null,
    });
  }
}

function withSecret(state: Values, secret: Value): Values {
  return { ...state, secret };
}

function text(value: Value | undefined): string | null {
  return typeof value === "string" ? value : null;
}
