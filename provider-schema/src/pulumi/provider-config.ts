import { RelayApi } from "../client/relay-api.js";
import { RelayApiError } from "../client/relay-api-error.js";
import { pulumiName } from "../derive/names.js";
import type { Value, Values } from "../engine/value.js";
import type { Attributes, ProviderSchema } from "../model.js";
import { decodeProperties } from "./wire/decode-properties.js";
import type { ConfigureRequest } from "./wire/generated/pulumi_provider.js";

/** The provider's arguments, as the attributes of one object. */
export function configAttributes(schema: ProviderSchema): Attributes {
  return Object.fromEntries(Object.entries(schema.arguments).map(([name, { attribute }]) => [name, attribute]));
}

/** What the engine configures the provider with, by the names in Pulumi. */
export function configOfRequest(request: ConfigureRequest): Values {
  if (request.args !== undefined) return decodeProperties(request.args).values;
  // Engines of before have no properties here: each value under the name of its setting.
  const named = [...request.variables].map(([key, value]): [string, Value] => [key.split(":").at(-1) ?? key, value]);
  return Object.fromEntries(named);
}

/**
 * The API of a configuration: what it says, else what the environment says. Throws RelayApiError that tells what is
 * missing and how to set it.
 */
export function configuredApi(
  schema: ProviderSchema,
  config: Values,
  { environment, userAgent }: { environment: Readonly<Record<string, string | undefined>>; userAgent: string },
): RelayApi {
  const value = (name: string): string | undefined => {
    const argument = schema.arguments[name];
    if (argument === undefined) return undefined;
    const given = config[pulumiName(name, argument.attribute)];
    const text = typeof given === "string" && given !== "" ? given : environment[argument.environment]?.trim();
    return text === "" ? undefined : text;
  };
  const required = (name: string): string => {
    const found = value(name);
    if (found !== undefined) return found;
    const { environment: variable, attribute } = schema.arguments[name] ?? { environment: "", attribute: undefined };
    const secret = attribute?.secret === undefined ? "" : " --secret";
    throw new RelayApiError(
      0,
      `there is no ${name} to reach the server with: run "pulumi config set${secret} ${schema.name}:${name} …", or set ${variable}`,
    );
  };
  return new RelayApi({
    address: required("address"),
    key: required("key"),
    secret: required("secret"),
    caFile: value("ca_file"),
    userAgent,
    managedBy: "pulumi",
  });
}
