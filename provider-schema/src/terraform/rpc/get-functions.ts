import type { GetFunctions_Request, GetFunctions_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { protocolFunction } from "../value/protocol-schema.js";

/** The functions again, for clients that ask for them alone. */
export async function getFunctions(
  _request: GetFunctions_Request,
  { declared }: ProviderContext,
): Promise<GetFunctions_Response> {
  return {
    functions: Object.fromEntries(
      Object.entries(declared.functions).map(([name, each]) => [name, protocolFunction(each)]),
    ),
    diagnostics: [],
  };
}
