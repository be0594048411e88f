import {
  type Attribute,
  type Attributes,
  type DeclaredObject,
  objectKey,
  type PlannedChange,
  SCHEMA,
  type Values,
} from "@relay/provider-schema";
import { hashSecret } from "../auth/secret-hash.js";
import type { SecretPair } from "./secret-comparison.js";

/** bcrypt hashes that are made at a time. */
const PARALLEL = 2;

/** The hash of a secret that a plan gives to an object; undefined when the plan gives it none. */
export type SecretHash = (object: Pick<DeclaredObject, "resource" | "path">, attribute: string) => string | undefined;

export interface GivenSecrets {
  readonly hashOf: SecretHash;
  readonly pairs: readonly SecretPair[];
}

/**
 * Hashes the secrets that the changes set, before the catalog is locked: bcrypt takes its time. Not those that are kept
 * encrypted.
 */
export async function hashGivenSecrets(
  changes: readonly PlannedChange[],
  declared: readonly DeclaredObject[],
  bcryptCost: number | undefined,
): Promise<GivenSecrets> {
  const objects = new Map(declared.map((object) => [objectKey(object), object]));
  const waiting = changes.flatMap((change) => {
    const values = objects.get(objectKey(change))?.values;
    if (values === undefined) return [];
    return change.attributes
      .filter(({ path, secret }) => secret && isHashed(change.resource, path))
      .map(({ path }) => ({ key: `${objectKey(change)}\n\n${path}`, secret: valueAt(values, path) }));
  });
  const hashes = new Map<string, string>();
  const pairs: SecretPair[] = [];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const kept = await hashSecret(next.secret, bcryptCost);
      hashes.set(next.key, kept);
      pairs.push({ kept, given: next.secret });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return { hashOf: (object, attribute) => hashes.get(`${objectKey(object)}\n\n${attribute}`), pairs };
}

/** A secret that is sealed, or is inside JSON, is kept otherwise. */
function isHashed(resource: string, path: string): boolean {
  let attributes: Attributes = SCHEMA.resources.find(({ name }) => name === resource)?.attributes ?? {};
  let attribute: Attribute | undefined;
  for (const name of path.split(".")) {
    // What is named inside a map is of the map itself.
    if (attribute?.kind.type === "map") break;
    attribute = attributes[name];
    attributes = attribute?.kind.type === "object" ? attribute.kind.attributes : {};
  }
  return attribute?.secret !== undefined && attribute.sealed !== true;
}

function valueAt(values: Values, path: string): string {
  const value = path.split(".").reduce<unknown>((at, name) => (at as Values | undefined)?.[name], values);
  return typeof value === "string" ? value : "";
}
