import type { Attribute, Attributes, Kind, ProviderSchema } from "../model.js";
import { pascalCase, pulumiName } from "./names.js";

/** Whether a type is written by programs or read by them: what people give in secret is never read back. */
export type Direction = "input" | "output";

/** A named type of Pulumi's schema. */
export type PulumiType =
  | {
      readonly name: string;
      readonly doc: string;
      readonly attributes: Attributes;
      readonly direction: Direction;
      /** Of the attribute. */
      readonly path: readonly string[];
    }
  | { readonly name: string; readonly doc: string; readonly values: readonly string[] };

/** Attributes as one side sees them. */
export function visible(attributes: Attributes, direction: Direction): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, { presence, secret }]) =>
      direction === "input" ? presence !== "computed" : secret !== "given",
    ),
  );
}

/** Whether a program must give the attribute, or finds it always: the name is made where a program gives none. */
export function isRequired(name: string, { presence, secret }: Attribute, direction: Direction): boolean {
  if (direction === "input") return presence === "required" && name !== "name";
  // A token of the user's own secret has none, nor one that was imported.
  return presence !== "optional" && secret === undefined;
}

/**
 * Name of the type of an object or of a choice, by the path of the attribute: `BucketAuth`. What a resource shows of an object
 * has a type of its own: defaults are in it, given secrets are not.
 */
export function typeName(path: readonly string[], kind: Kind, direction: Direction): string {
  const name = path.map(pascalCase).join("");
  return kind.type === "object" && direction === "output" && path[0] !== "get" ? `${name}State` : name;
}

/** Every type that resources and data sources are made of, once. */
export function pulumiTypes(schema: ProviderSchema): PulumiType[] {
  const types = new Map<string, PulumiType>();
  const add = (kind: Kind, path: readonly string[], doc: string, direction: Direction): void => {
    const name = typeName(path, kind, direction);
    if (kind.type === "string" && kind.oneOf !== undefined) types.set(name, { name, doc, values: kind.oneOf });
    if (kind.type === "list" || kind.type === "set" || kind.type === "map") add(kind.of, path, doc, direction);
    if (kind.type !== "object") return;
    types.set(name, { name, doc, attributes: visible(kind.attributes, direction), direction, path });
    addAll(kind.attributes, path, direction);
  };
  const addAll = (attributes: Attributes, path: readonly string[], direction: Direction): void => {
    for (const [name, { kind, doc }] of Object.entries(visible(attributes, direction))) {
      add(kind, [...path, name], doc, direction);
    }
  };
  for (const { name, attributes } of schema.resources) {
    addAll(attributes, [name], "input");
    addAll(attributes, [name], "output");
  }
  for (const { name, attributes } of schema.dataSources) addAll(attributes, ["get", name], "output");
  return [...types.values()];
}

/** Names of attributes in Pulumi. */
export function pulumiNames(attributes: Attributes): [property: string, name: string, attribute: Attribute][] {
  return Object.entries(attributes).map(([name, attribute]) => [pulumiName(name, attribute), name, attribute]);
}

/** What people read of an attribute. */
export function propertyDoc({ doc, unit, kind, only }: Attribute): string {
  const range =
    kind.type === "integer" && kind.maximum !== undefined ? ` From ${kind.minimum ?? 0} to ${kind.maximum}.` : "";
  return `${doc}${unit === undefined ? "" : ` In ${unit}.`}${range}${only === undefined ? "" : " Not known to the server."}`;
}
