import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { SCHEMA } from "../schema.js";
import { pulumiSchema } from "./pulumi.js";

/** The rules of Pulumi's metaschema, as far as this package uses it; the CLI's own check is in test/. */
const TYPE = {
  type: "object",
  properties: {
    type: { enum: ["string", "boolean", "integer", "number", "array", "object"] },
    $ref: { type: "string", pattern: "^(#/types/relay:index:[A-Z][A-Za-z0-9]*|pulumi\\.json#/Any)$" },
    items: { $ref: "#/$defs/type" },
    additionalProperties: { $ref: "#/$defs/type" },
    description: { type: "string" },
    default: { type: ["string", "number", "boolean"] },
    secret: { const: true },
    willReplaceOnChanges: { const: true },
  },
  additionalProperties: false,
  oneOf: [{ required: ["type"] }, { required: ["$ref"] }],
  allOf: [
    { anyOf: [{ properties: { type: { not: { const: "array" } } } }, { required: ["items"] }] },
    { anyOf: [{ properties: { type: { not: { const: "object" } } } }, { required: ["additionalProperties"] }] },
  ],
};
const PROPERTIES = {
  type: "object",
  propertyNames: { pattern: "^[a-z][A-Za-z0-9]*$", not: { enum: ["urn", "pulumi", "provider"] } },
  additionalProperties: { $ref: "#/$defs/type" },
};
const NAMES = { type: "array", items: { type: "string" }, uniqueItems: true };
const OBJECT = {
  type: "object",
  required: ["type", "properties", "required"],
  properties: { type: { const: "object" }, description: { type: "string" }, properties: PROPERTIES, required: NAMES },
  additionalProperties: false,
};
const METASCHEMA = {
  $defs: { type: TYPE },
  type: "object",
  required: ["name", "version", "config", "provider", "types", "resources", "functions"],
  properties: {
    name: { const: "relay" },
    version: { pattern: "^\\d+\\.\\d+\\.\\d+$" },
    config: { type: "object", properties: { variables: PROPERTIES }, additionalProperties: false },
    provider: { type: "object", properties: { inputProperties: PROPERTIES } },
    types: {
      propertyNames: { pattern: "^relay:index:[A-Z][A-Za-z0-9]*$" },
      additionalProperties: {
        oneOf: [
          OBJECT,
          {
            type: "object",
            required: ["type", "enum"],
            properties: {
              type: { const: "string" },
              description: { type: "string" },
              enum: { type: "array", items: { required: ["value"] }, minItems: 1 },
            },
            additionalProperties: false,
          },
        ],
      },
    },
    resources: {
      propertyNames: { pattern: "^relay:index:[A-Z][A-Za-z0-9]*$" },
      additionalProperties: {
        type: "object",
        properties: {
          description: { type: "string" },
          properties: PROPERTIES,
          required: NAMES,
          inputProperties: PROPERTIES,
          requiredInputs: NAMES,
        },
        additionalProperties: false,
      },
    },
    functions: {
      propertyNames: { pattern: "^relay:index:[a-z][A-Za-z0-9]*$" },
      additionalProperties: {
        type: "object",
        required: ["description", "outputs"],
        properties: { description: { type: "string" }, inputs: OBJECT, outputs: OBJECT },
        additionalProperties: false,
      },
    },
  },
};

interface ObjectSpec {
  readonly properties?: Record<string, unknown>;
  readonly required?: readonly string[];
  readonly inputProperties?: Record<string, unknown>;
  readonly requiredInputs?: readonly string[];
}

const schema = pulumiSchema(SCHEMA, "1.2.3") as {
  types: Record<string, ObjectSpec>;
  resources: Record<
    string,
    ObjectSpec & { inputProperties: Record<string, object>; properties: Record<string, object> }
  >;
  functions: Record<string, { inputs?: ObjectSpec; outputs: ObjectSpec }>;
};

test("keeps the rules of Pulumi's metaschema", () => {
  const validate = new Ajv2020({ allErrors: true, strict: false }).compile(METASCHEMA);
  expect(validate(schema) ? [] : validate.errors).toEqual([]);
});

test("refers to types that there are, uses each, and requires what there is", () => {
  const referred = new Set([...JSON.stringify(schema).matchAll(/"#\/types\/([^"]+)"/g)].map(([, name]) => name));
  expect([...referred].sort()).toEqual(Object.keys(schema.types).sort());
  const functions = Object.values(schema.functions).flatMap(({ inputs, outputs }) => [inputs ?? {}, outputs]);
  for (const { properties = {}, required = [], inputProperties = {}, requiredInputs = [] } of [
    ...Object.values(schema.types),
    ...Object.values(schema.resources),
    ...functions,
  ]) {
    expect(Object.keys(properties)).toEqual(expect.arrayContaining([...required]));
    expect(Object.keys(inputProperties)).toEqual(expect.arrayContaining([...requiredInputs]));
  }
});

test("threat: no secret that people give is among what is read, and every secret is called one", () => {
  for (const { attributes, name } of SCHEMA.resources) {
    const type = schema.resources[`relay:index:${name.charAt(0).toUpperCase()}${name.slice(1)}`];
    for (const [each, { secret }] of Object.entries(attributes)) {
      const property = each.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
      if (secret === "given") {
        expect(type?.properties).not.toHaveProperty(property);
        expect(type?.inputProperties[property]).toMatchObject({ secret: true });
      }
      if (secret === "shown-once") expect(type?.properties[property]).toMatchObject({ secret: true });
    }
  }
  expect(schema.types["relay:index:BucketAuthState"]?.properties).not.toHaveProperty("password");
  expect(schema.types["relay:index:BucketAuth"]?.properties).toMatchObject({ password: { secret: true } });
});

test("names that programs depend on stay what they are", async () => {
  const { resources, functions } = schema;
  expect(Object.keys(resources)).toEqual([
    "relay:index:Bucket",
    "relay:index:Function",
    "relay:index:Input",
    "relay:index:Output",
    "relay:index:Cron",
    "relay:index:Token",
  ]);
  expect(Object.keys(functions)).toEqual([
    "relay:index:getBucket",
    "relay:index:getInput",
    "relay:index:getTokens",
    "relay:index:getServer",
    "relay:index:inputUrl",
    "relay:index:parseOutputRules",
  ]);
  expect(Object.keys(resources["relay:index:Token"]?.inputProperties ?? {})).toContain("rotationTrigger");
  const file = new URL("../../generated/pulumi-schema.json", import.meta.url);
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(pulumiSchema(SCHEMA, version))));
});
