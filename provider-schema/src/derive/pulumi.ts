import type { Attribute, Attributes, Kind, ProviderSchema, Resource } from "../model.js";
import type { JsonSchema } from "./json-schema.js";
import { pascalCase, pulumiName } from "./names.js";
import { dataSourceToken, functionToken, RESULT } from "./pulumi-tokens.js";
import {
  type Direction,
  isRequired,
  propertyDoc,
  pulumiNames,
  pulumiTypes,
  typeName,
  visible,
} from "./pulumi-types.js";

/** The package as Pulumi describes it: SDKs in every language are made of it. */
export function pulumiSchema(schema: ProviderSchema, version: string): JsonSchema {
  const token = (name: string) => `${schema.name}:index:${name}`;
  return {
    name: schema.name,
    displayName: "Relay",
    version,
    description: "Buckets, functions, inputs, outputs and tokens of a self-hosted webhook relay.",
    keywords: ["pulumi", "relay", "webhooks", "category/infrastructure", "kind/native"],
    license: "Apache-2.0",
    language: { nodejs: { packageName: "@relay/pulumi", respectSchemaVersion: true } },
    config: { variables: argumentSpecs(schema, []) },
    provider: {
      description: "The server, and the token that this program uses there.",
      inputProperties: argumentSpecs(schema, []),
    },
    types: Object.fromEntries(
      pulumiTypes(schema).map((type) => [
        token(type.name),
        "values" in type
          ? { type: "string", description: type.doc, enum: type.values.map((value) => ({ value })) }
          : {
              type: "object",
              description: type.doc,
              ...objectSpec(token, type.attributes, type.path, type.direction),
            },
      ]),
    ),
    resources: Object.fromEntries(
      schema.resources.map((each) => [token(pascalCase(each.name)), resourceSpec(token, each)]),
    ),
    functions: {
      ...Object.fromEntries(
        schema.dataSources.map((source) => {
          const inputs = Object.fromEntries(
            Object.entries(source.attributes).filter(([, { presence }]) => presence === "required"),
          );
          return [
            dataSourceToken(schema, source),
            {
              description: source.doc,
              ...(Object.keys(inputs).length === 0
                ? {}
                : {
                    inputs: {
                      type: "object",
                      ...objectSpec(token, inputs, ["get", source.name], "input"),
                      required: pulumiNames(inputs).map(([property]) => property),
                    },
                  }),
              outputs: { type: "object", ...objectSpec(token, source.attributes, ["get", source.name], "output") },
            },
          ];
        }),
      ),
      ...Object.fromEntries(
        schema.functions.map((each) => [
          functionToken(schema, each),
          {
            description: each.doc,
            inputs: {
              type: "object",
              properties: Object.fromEntries(
                each.parameters.map(({ name, doc, kind }) => [
                  pulumiName(name, {}),
                  { ...typeSpec(token, kind, [each.name, name], "input"), description: doc },
                ]),
              ),
              required: each.parameters.map(({ name }) => pulumiName(name, {})),
            },
            outputs: {
              type: "object",
              properties: {
                [RESULT]: { ...typeSpec(token, each.result, [each.name], "output"), description: each.doc },
              },
              required: [RESULT],
            },
          },
        ]),
      ),
    },
  };
}

type Token = (name: string) => string;

function resourceSpec(token: Token, { name, doc, attributes, importExample }: Resource): JsonSchema {
  const { id: _, ...own } = attributes;
  const state = objectSpec(token, visible(own, "output"), [name], "output");
  const inputs = objectSpec(token, visible(own, "input"), [name], "input");
  const type = token(pascalCase(name));
  return {
    description: `${doc}\n\n## Import\n\nBy id, or by name:\n\n\`\`\`sh\n$ pulumi import ${type} example ${importExample}\n\`\`\`\n`,
    properties: state.properties,
    required: state.required,
    inputProperties: inputs.properties,
    requiredInputs: inputs.required,
  };
}

function objectSpec(
  token: Token,
  attributes: Attributes,
  path: readonly string[],
  direction: Direction,
): { readonly properties: JsonSchema; readonly required: readonly string[] } {
  const names = pulumiNames(attributes);
  return {
    properties: Object.fromEntries(
      names.map(([property, name, attribute]) => [
        property,
        propertySpec(token, attribute, [...path, name], direction),
      ]),
    ),
    required: names
      .filter(([, name, attribute]) => isRequired(name, attribute, direction))
      .map(([property]) => property),
  };
}

function propertySpec(token: Token, attribute: Attribute, path: readonly string[], direction: Direction): JsonSchema {
  const { kind, presence, secret, immutable } = attribute;
  const fallback = typeof presence === "object" && direction === "input" ? presence.default : undefined;
  const primitive = typeof fallback === "string" || typeof fallback === "number" || typeof fallback === "boolean";
  return {
    ...typeSpec(token, kind, path, direction),
    description: propertyDoc(attribute),
    ...(primitive ? { default: fallback } : {}),
    ...(secret === undefined ? {} : { secret: true }),
    ...(immutable && direction === "input" ? { willReplaceOnChanges: true } : {}),
  };
}

function typeSpec(token: Token, kind: Kind, path: readonly string[], direction: Direction): JsonSchema {
  switch (kind.type) {
    case "list":
    case "set":
      return { type: "array", items: typeSpec(token, kind.of, path, direction) };
    case "map":
      return { type: "object", additionalProperties: typeSpec(token, kind.of, path, direction) };
    case "object":
      return { $ref: `#/types/${token(typeName(path, kind, direction))}` };
    case "string":
      return kind.oneOf === undefined
        ? { type: "string" }
        : { $ref: `#/types/${token(typeName(path, kind, direction))}` };
    case "json":
      return { $ref: "pulumi.json#/Any" };
    default:
      return { type: kind.type };
  }
}

function argumentSpecs(schema: ProviderSchema, path: readonly string[]): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema.arguments).map(([name, { attribute, environment }]) => [
      pulumiName(name, attribute),
      {
        ...typeSpec((each) => each, attribute.kind, path, "input"),
        description: `${attribute.doc} Else \`${environment}\`.`,
        ...(attribute.secret === undefined ? {} : { secret: true }),
        // As an argument of the provider, not as a default: it would get into the state.
      },
    ]),
  );
}
