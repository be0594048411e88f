import { readDataSource } from "../client/read-data-source.js";
import type { RelayApi } from "../client/relay-api.js";
import { dataSourceToken, functionToken, RESULT } from "../derive/pulumi-tokens.js";
import type { Problem } from "../engine/problem.js";
import { validateConfig } from "../engine/validate-config.js";
import { hasUnknown, type Value, type Values } from "../engine/value.js";
import {
  type Attributes,
  FunctionArgumentError,
  type Json,
  type ProviderFunction,
  type ProviderSchema,
} from "../model.js";
import { attributeValues } from "./attribute-values.js";
import { checkFailures } from "./check-failures.js";
import { propertyValues } from "./property-values.js";
import { decodeProperties } from "./wire/decode-properties.js";
import { encodeProperties } from "./wire/encode-properties.js";
import type { InvokeRequest, InvokeResponse } from "./wire/generated/pulumi_provider.js";

/** Reads a data source, or calls a function. Undefined: there is none of that token. */
export async function invoke(
  schema: ProviderSchema,
  request: InvokeRequest,
  api: () => RelayApi,
): Promise<InvokeResponse | undefined> {
  const { values, secrets } = decodeProperties(request.args);
  const source = schema.dataSources.find((each) => dataSourceToken(schema, each) === request.token);
  const pure = schema.functions.find((each) => functionToken(schema, each) === request.token);
  const attributes = source?.attributes ?? (pure === undefined ? undefined : parameterAttributes(pure));
  if (attributes === undefined) return undefined;
  const args = attributeValues(attributes, values);
  const failures = [
    ...checkFailures({}, args.problems),
    ...checkFailures(attributes, validateConfig(attributes, args.values)),
  ];
  if (failures.length > 0) return { result: undefined, failures };
  // Only an engine's preview asks with something unknown: there is nothing to say yet.
  if (hasUnknown(values)) return { result: undefined, failures: [] };
  // What follows from a secret is one.
  const all = (result: Values) => (secrets.length === 0 ? [] : Object.keys(result).map((name) => [name]));
  if (source !== undefined) {
    const result = propertyValues(attributes, await readDataSource(api(), source, args.values));
    return { result: encodeProperties({ values: result, secrets: all(result) }), failures: [] };
  }
  const called = pure === undefined ? [] : call(pure, args.values);
  if (Array.isArray(called)) return { result: undefined, failures: checkFailures(attributes, called) };
  return { result: encodeProperties({ values: called, secrets: all(called) }), failures: [] };
}

/** The parameters of a function, as the attributes of one object. */
function parameterAttributes({ parameters }: ProviderFunction): Attributes {
  return Object.fromEntries(parameters.map(({ name, doc, kind }) => [name, { kind, doc, presence: "required" }]));
}

function call({ parameters, call: pure }: ProviderFunction, args: Values): Values | Problem[] {
  try {
    return { [RESULT]: pure(...parameters.map(({ name }) => (args[name] ?? null) as Json)) as Value };
  } catch (error) {
    if (!(error instanceof FunctionArgumentError)) throw error;
    return [{ path: [parameters[error.argument]?.name ?? ""], message: error.message }];
  }
}
