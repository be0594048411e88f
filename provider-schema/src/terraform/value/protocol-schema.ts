import type { CtyType } from "../../derive/cty-type.js";
import type { TerraformAttribute, TerraformBlock, TerraformFunction } from "../../derive/terraform.js";
import {
  type FunctionMessage as ProtocolFunction,
  type Schema,
  type Schema_Attribute,
  Schema_Object_NestingMode,
  StringKind,
} from "../protocol/generated/tfplugin6.js";

const NESTING = {
  single: Schema_Object_NestingMode.SINGLE,
  list: Schema_Object_NestingMode.LIST,
  set: Schema_Object_NestingMode.SET,
  map: Schema_Object_NestingMode.MAP,
};

/** A block as a message of the protocol. */
export function protocolSchema({ version, description, attributes }: TerraformBlock): Schema {
  return {
    version,
    block: {
      version: 0,
      attributes: attributes.map(protocolAttribute),
      description,
      descriptionKind: StringKind.MARKDOWN,
      deprecated: false,
    },
  };
}

/** A function as a message of the protocol. */
export function protocolFunction({ summary, parameters, result }: TerraformFunction): ProtocolFunction {
  return {
    summary,
    description: summary,
    descriptionKind: StringKind.MARKDOWN,
    deprecationMessage: "",
    parameters: parameters.map(({ name, type, description }) => ({
      name,
      type: typeBytes(type),
      description,
      descriptionKind: StringKind.MARKDOWN,
      allowNullValue: false,
      allowUnknownValues: false,
    })),
    variadicParameter: undefined,
    return: { type: typeBytes(result) },
  };
}

function protocolAttribute(attribute: TerraformAttribute): Schema_Attribute {
  const { nested } = attribute;
  return {
    name: attribute.name,
    type: attribute.type === undefined ? Buffer.alloc(0) : typeBytes(attribute.type),
    nestedType:
      nested === undefined
        ? undefined
        : { nesting: NESTING[nested.nesting], attributes: nested.attributes.map(protocolAttribute) },
    description: attribute.description,
    descriptionKind: StringKind.MARKDOWN,
    required: attribute.required ?? false,
    optional: attribute.optional ?? false,
    computed: attribute.computed ?? false,
    sensitive: attribute.sensitive ?? false,
    writeOnly: attribute.writeOnly ?? false,
    deprecated: false,
  };
}

function typeBytes(type: CtyType): Buffer {
  return Buffer.from(JSON.stringify(type));
}
