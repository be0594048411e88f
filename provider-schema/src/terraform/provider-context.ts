import { type TerraformSchema, terraformResource, terraformSchema } from "../derive/terraform.js";
import type { DataSource, EphemeralResource, ProviderFunction, ProviderSchema, Resource } from "../model.js";
import { Connection } from "./connection.js";
import type { Log } from "./plugin/log.js";

/** What all handlers share. */
export interface ProviderContext {
  readonly schema: ProviderSchema;
  readonly declared: TerraformSchema;
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly connection: Connection;
  /** Definitions by the names that terraform has for them. Each throws for a name that is none. */
  resource(type: string): Resource;
  dataSource(type: string): DataSource;
  ephemeralResource(type: string): EphemeralResource;
  function(name: string): ProviderFunction;
}

/** A provider of `schema` that has not been configured. */
export function providerContext(
  schema: ProviderSchema,
  { version, env, log }: { version: string; env: NodeJS.ProcessEnv; log: Log },
): ProviderContext {
  const resources = byType(schema.name, schema.resources.map(terraformResource));
  const dataSources = byType(schema.name, schema.dataSources);
  const ephemeralResources = byType(schema.name, schema.ephemeralResources);
  const functions = new Map(schema.functions.map((each) => [each.name, each]));
  return {
    schema,
    declared: terraformSchema(schema),
    version,
    env,
    log,
    connection: new Connection(),
    resource: (type) => known(resources, type, "resource"),
    dataSource: (type) => known(dataSources, type, "data source"),
    ephemeralResource: (type) => known(ephemeralResources, type, "ephemeral resource"),
    function: (name) => known(functions, name, "function"),
  };
}

function byType<T extends { readonly name: string }>(prefix: string, all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((each) => [`${prefix}_${each.name}`, each]));
}

function known<T>(all: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = all.get(name);
  if (found === undefined) throw new Error(`this version of the provider has no ${what} ${name}`);
  return found;
}
