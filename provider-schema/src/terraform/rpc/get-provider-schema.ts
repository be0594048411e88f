import type { TerraformBlock } from "../../derive/terraform.js";
import type { GetProviderSchema_Request, GetProviderSchema_Response, Schema } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { protocolFunction, protocolSchema } from "../value/protocol-schema.js";
import { SERVER_CAPABILITIES } from "./server-capabilities.js";

/** All that is declared. */
export async function getProviderSchema(
  _request: GetProviderSchema_Request,
  { declared }: ProviderContext,
): Promise<GetProviderSchema_Response> {
  return {
    provider: protocolSchema(declared.provider),
    resourceSchemas: schemas(declared.resources),
    dataSourceSchemas: schemas(declared.dataSources),
    ephemeralResourceSchemas: schemas(declared.ephemeralResources),
    functions: mapped(declared.functions, protocolFunction),
    diagnostics: [],
    serverCapabilities: SERVER_CAPABILITIES,
  };
}

function schemas(blocks: { readonly [name: string]: TerraformBlock }): { [name: string]: Schema } {
  return mapped(blocks, protocolSchema);
}

function mapped<T, R>(all: { readonly [name: string]: T }, of: (each: T) => R): { [name: string]: R } {
  return Object.fromEntries(Object.entries(all).map(([name, each]) => [name, of(each)]));
}
