import { validateConfig } from "../../engine/validate-config.js";
import { UNKNOWN, type Values } from "../../engine/value.js";
import type { ConfigureProvider_Request, ConfigureProvider_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { attributeDiagnostic, configDiagnostics } from "../value/diagnostics.js";
import { providerArguments } from "./provider-arguments.js";

/**
 * Takes the arguments, or the environment where there are none. Values that terraform does not know yet, because a server is
 * made in the same run, are an error only for who needs the server now.
 */
export async function configureProvider(
  { config, terraformVersion }: ConfigureProvider_Request,
  context: ProviderContext,
): Promise<ConfigureProvider_Response> {
  const { schema, connection, version } = context;
  const attributes = providerArguments(schema);
  const values = withEnvironment(context, decodeObject(attributes, config) ?? {});
  const problems = validateConfig(attributes, values);
  if (problems.length > 0) return { diagnostics: configDiagnostics(problems, attributes) };

  const unknown = Object.keys(attributes).filter((name) => values[name] === UNKNOWN);
  if (unknown.length > 0) {
    connection.defer(
      `the provider's ${unknown.join(" and ")} will be known only after something else is made: apply that first, with -target`,
    );
    return { diagnostics: [] };
  }

  const missing = REQUIRED.filter((name) => text(values, name) === undefined);
  if (missing.length > 0) {
    const diagnostics = missing.map((name) =>
      attributeDiagnostic(
        "error",
        "The provider is not configured",
        {
          path: [name],
          message: `is not set: write it in the provider block, or set ${schema.arguments[name]?.environment}`,
        },
        attributes,
      ),
    );
    return { diagnostics };
  }
  connection.open({
    address: text(values, "address") ?? "",
    key: text(values, "key") ?? "",
    secret: text(values, "secret") ?? "",
    caFile: text(values, "ca_file"),
    userAgent: `terraform-provider-relay/${version} terraform/${terraformVersion}`,
  });
  return { diagnostics: [] };
}

const REQUIRED = ["address", "key", "secret"];

function withEnvironment({ schema, env }: ProviderContext, config: Values): Values {
  return Object.fromEntries(
    Object.entries(schema.arguments).map(([name, { environment }]) => [
      name,
      config[name] ?? (env[environment] || null),
    ]),
  );
}

function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
