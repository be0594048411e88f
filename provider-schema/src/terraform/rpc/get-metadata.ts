import type { GetMetadata_Request, GetMetadata_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { SERVER_CAPABILITIES } from "./server-capabilities.js";

/** Names of all there is. */
export async function getMetadata(
  _request: GetMetadata_Request,
  { declared }: ProviderContext,
): Promise<GetMetadata_Response> {
  const types = (of: object) => Object.keys(of).map((typeName) => ({ typeName }));
  return {
    serverCapabilities: SERVER_CAPABILITIES,
    diagnostics: [],
    resources: types(declared.resources),
    dataSources: types(declared.dataSources),
    ephemeralResources: types(declared.ephemeralResources),
    functions: Object.keys(declared.functions).map((name) => ({ name })),
  };
}
