import type { CheckName } from "./checks.js";
import type { CombinationName } from "./combinations.js";

/** What a definition may hold as a value: JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The type of an attribute's value. */
export type Kind =
  | { readonly type: "string"; readonly oneOf?: readonly string[]; readonly maxLength?: number }
  /** A safe integer. */
  | { readonly type: "integer"; readonly minimum?: number; readonly maximum?: number }
  | { readonly type: "boolean" }
  | { readonly type: "list"; readonly of: Kind; readonly maxItems?: number }
  /** A list without order or repetition. */
  | { readonly type: "set"; readonly of: Kind; readonly maxItems?: number }
  | { readonly type: "map"; readonly of: Kind }
  | { readonly type: "object"; readonly attributes: Attributes }
  /**
   * Any JSON value, kept as it is written; {} is none. Its check says what it must be. Texts under the names that it `hides`,
   * wherever in it, are secrets: the API gives them back as part of the value, plans and the audit hide them.
   */
  | { readonly type: "json"; readonly hides?: readonly string[] };

/**
 * One attribute. Exactly one of these holds: it is `required`; it has a `default`, which an absent value means; it is
 * `optional`, absent meaning "none"; it is `computed`, told by the server and never written.
 */
export interface Attribute {
  readonly kind: Kind;
  /** One or two sentences of Markdown, for people who read the reference. */
  readonly doc: string;
  readonly presence: "required" | "optional" | "computed" | { readonly default: Json };
  /** What JSON Schema cannot say precisely: a function of `CHECKS`. */
  readonly check?: CheckName;
  /** Of an object: a rule of `COMBINATIONS` on its attributes together. */
  readonly combination?: CombinationName;
  /** A value that people may copy. */
  readonly example?: Json;
  /** Unit of a number. */
  readonly unit?: "seconds" | "Unix seconds";
  /** Another value takes another object: providers replace, the server never changes it. */
  readonly immutable?: true;
  /**
   * `given`: written by people, kept by the server as a hash and never shown again. `shown-once`: made by the server and
   * told by the answer that makes it alone.
   */
  readonly secret?: "given" | "shown-once";
  /** Of a given secret: the server needs the secret itself, and keeps it encrypted instead of as a hash. */
  readonly sealed?: true;
  /**
   * The resource that it names an object of, by id or by name: in manifests by name alone. The server shows the name, and
   * beside it the id under the same name with `_id`.
   */
  readonly refersTo?: string;
  /** Computed once: it stays what it is while the object lives. Providers need not call it unknown in an update. */
  readonly stable?: true;
  /** Where it exists. Absent: everywhere. `providers`: an argument of the Terraform and Pulumi providers alone. */
  readonly only?: "providers";
  /** Its name in Pulumi, where that is not the same in camelCase. */
  readonly pulumiName?: string;
}

/** Attributes by their name in snake_case, in the order people read them. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** A kind of object that people declare. */
export interface Resource {
  /** Singular, snake_case: `relay_<name>` in Terraform, `relay:index:<Name>` in Pulumi. */
  readonly name: string;
  /** Of the collection in paths of the API and in manifests. */
  readonly plural: string;
  readonly doc: string;
  /** The resource that its objects belong to; the attribute of that name refers to it, by id or by name. */
  readonly parent?: string;
  readonly attributes: Attributes;
  /** An import id, as documentation shows it: the id, or the name behind the names of its parents. */
  readonly importExample: string;
}

/** Something that is read and never written. */
export interface DataSource {
  readonly name: string;
  readonly doc: string;
  readonly attributes: Attributes;
}

/** An object that lives for one run of a tool. */
export interface EphemeralResource {
  readonly name: string;
  readonly doc: string;
  readonly attributes: Attributes;
}

/** A pure function that providers offer to programs. */
export interface ProviderFunction {
  readonly name: string;
  readonly doc: string;
  readonly parameters: readonly { readonly name: string; readonly doc: string; readonly kind: Kind }[];
  readonly result: Kind;
  /** Throws a `FunctionArgumentError` for a bad argument. */
  readonly call: (...values: Json[]) => Json;
}

/** An argument of a provider function that makes no sense. */
export class FunctionArgumentError extends Error {
  override name = "FunctionArgumentError";
  /** Position of the argument, from 0. */
  readonly argument: number;

  constructor(argument: number, message: string) {
    super(message);
    this.argument = argument;
  }
}

/** How the providers are told where the server is. */
export interface ProviderArgument {
  readonly attribute: Attribute;
  /** Environment variable that stands in when the argument is absent. */
  readonly environment: string;
}

/** Everything there is to declare. */
export interface ProviderSchema {
  /** `relay`. */
  readonly name: string;
  readonly arguments: Readonly<Record<string, ProviderArgument>>;
  readonly resources: readonly Resource[];
  readonly dataSources: readonly DataSource[];
  readonly ephemeralResources: readonly EphemeralResource[];
  readonly functions: readonly ProviderFunction[];
}
