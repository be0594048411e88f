import type { Attributes, Json, Resource } from "../model.js";
import { canonicalJson } from "./canonical-json.js";
import { declaredValue } from "./declared-values.js";
import { manifestAttributes } from "./manifest-attributes.js";
import { type ExistingObject, objectKey } from "./manifest-object.js";
import { manifestPath } from "./manifest-path.js";
import { objectPath } from "./object-path.js";
import { isValues, type Values } from "./values.js";

export interface ExportedContent {
  /** Content of a manifest that declares exactly these objects; defaults and secrets are left out. */
  readonly content: Values;
  /** Where secrets must be supplied before the content can make these objects elsewhere. */
  readonly secrets: readonly string[];
}

/** Objects whose parent is not among them are left out. */
export function exportContent(
  resources: readonly Resource[],
  existing: readonly ExistingObject[],
  neededSecrets: (object: ExistingObject) => readonly string[],
): ExportedContent {
  const content: { [name: string]: Json } = {};
  const secrets: string[] = [];
  const made = new Map<string, { [name: string]: Json }>();
  for (const resource of resources) {
    const attributes = manifestAttributes(resource);
    for (const object of existing) {
      const name = object.path.at(-1);
      if (object.resource !== resource.name || name === undefined) continue;
      const { parent } = resource;
      const holder =
        parent === undefined ? content : made.get(objectKey({ resource: parent, path: object.path.slice(0, -1) }));
      if (holder === undefined) continue;
      const values: { [name: string]: Json } = { ...beyondDefaults(attributes, object.values) };
      made.set(objectKey(object), values);
      holder[resource.plural] ??= {};
      // Not by assignment: a name may be one that every object has.
      Object.defineProperty(holder[resource.plural], name, {
        value: values,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      const steps = objectPath(resources, object);
      for (const path of neededSecrets(object)) secrets.push(manifestPath([...steps, ...path.split(".")]));
    }
  }
  return { content, secrets };
}

function beyondDefaults(attributes: Attributes, values: Values): Values {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, attribute]): [string, Json][] => {
      const value = values[name];
      if (value === undefined || attribute.secret !== undefined) return [];
      const usual = declaredValue(attribute, undefined);
      if (usual !== undefined && canonicalJson(usual) === canonicalJson(value)) return [];
      const { kind } = attribute;
      return [[name, kind.type === "object" && isValues(value) ? beyondDefaults(kind.attributes, value) : value]];
    }),
  );
}
