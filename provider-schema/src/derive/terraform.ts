import type { Attribute, Attributes, Kind, ProviderFunction, ProviderSchema, Resource } from "../model.js";
import { type CtyType, ctyType } from "./cty-type.js";
import { secretOfWriteOnly, terraformAttributes } from "./terraform-attributes.js";

/** How objects lie in an attribute. */
export type Nesting = "single" | "list" | "set" | "map";

/** An attribute as Terraform declares it: either `type` or `nested`. */
export interface TerraformAttribute {
  readonly name: string;
  readonly type?: CtyType;
  readonly nested?: { readonly nesting: Nesting; readonly attributes: readonly TerraformAttribute[] };
  readonly description: string;
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
  readonly writeOnly?: true;
}

/** What can be written in a block. */
export interface TerraformBlock {
  readonly version: number;
  readonly description: string;
  readonly attributes: readonly TerraformAttribute[];
}

export interface TerraformFunction {
  readonly summary: string;
  readonly parameters: readonly { readonly name: string; readonly type: CtyType; readonly description: string }[];
  readonly result: CtyType;
}

type ByName<T> = { readonly [name: string]: T };

/** All that a provider declares to Terraform. */
export interface TerraformSchema {
  readonly provider: TerraformBlock;
  readonly resources: ByName<TerraformBlock>;
  readonly dataSources: ByName<TerraformBlock>;
  readonly ephemeralResources: ByName<TerraformBlock>;
  readonly functions: ByName<TerraformFunction>;
}

/** Rises when states of before must be converted. */
export const RESOURCE_VERSION = 0;

/** What the provider declares to Terraform. */
export function terraformSchema(schema: ProviderSchema): TerraformSchema {
  const named = <T extends { readonly name: string }, R>(all: readonly T[], of: (each: T) => R): ByName<R> =>
    Object.fromEntries(all.map((each) => [`${schema.name}_${each.name}`, of(each)]));
  const args = Object.fromEntries(
    Object.entries(schema.arguments).map(([name, { attribute, environment }]) => [
      name,
      { ...attribute, doc: `${attribute.doc} Else the environment variable \`${environment}\`.` },
    ]),
  );
  return {
    provider: block("Resources of a self-hosted webhook relay.", args),
    resources: named(schema.resources, ({ doc, attributes }) => block(doc, terraformAttributes(attributes))),
    dataSources: named(schema.dataSources, ({ doc, attributes }) => block(doc, attributes)),
    ephemeralResources: named(schema.ephemeralResources, ({ doc, attributes }) => block(doc, attributes)),
    functions: Object.fromEntries(schema.functions.map((each) => [each.name, functionOf(each)])),
  };
}

/** A resource with the attributes that Terraform has of it. */
export function terraformResource(resource: Resource): Resource {
  return { ...resource, attributes: terraformAttributes(resource.attributes) };
}

function block(description: string, attributes: Attributes): TerraformBlock {
  return { version: RESOURCE_VERSION, description, attributes: declared(attributes) };
}

function declared(attributes: Attributes): TerraformAttribute[] {
  return Object.entries(attributes).map(([name, attribute]) => ({
    name,
    ...typeOf(attribute.kind),
    description: description(attribute),
    ...presence(attribute),
    ...(attribute.secret === undefined ? {} : { sensitive: true }),
    ...(secretOfWriteOnly(attributes, name) === undefined ? {} : { writeOnly: true }),
  }));
}

/** The protocol has no defaults: what has one is computed as well, and the plan says it. */
function presence({ presence: how }: Attribute): Pick<TerraformAttribute, "required" | "optional" | "computed"> {
  switch (how) {
    case "required":
      return { required: true };
    case "optional":
      return { optional: true };
    case "computed":
      return { computed: true };
    default:
      return { optional: true, computed: true };
  }
}

function description({ doc, unit, presence: how }: Attribute): string {
  const inUnit = unit === undefined ? "" : ` In ${unit}.`;
  const simple = typeof how === "object" && (typeof how.default !== "object" || how.default === null);
  return simple ? `${doc}${inUnit} Default: \`${JSON.stringify(how.default)}\`.` : doc + inUnit;
}

function typeOf(kind: Kind): Pick<TerraformAttribute, "type" | "nested"> {
  if (kind.type === "object") return { nested: { nesting: "single", attributes: declared(kind.attributes) } };
  const collection = kind.type === "list" || kind.type === "set" || kind.type === "map";
  return collection && kind.of.type === "object"
    ? { nested: { nesting: kind.type, attributes: declared(kind.of.attributes) } }
    : { type: ctyType(kind) };
}

function functionOf({ doc, parameters, result }: ProviderFunction): TerraformFunction {
  return {
    summary: doc,
    parameters: parameters.map(({ name, doc: text, kind }) => ({ name, type: ctyType(kind), description: text })),
    result: ctyType(result),
  };
}
