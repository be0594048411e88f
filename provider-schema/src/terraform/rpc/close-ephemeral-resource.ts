import type {
  CloseEphemeralResource_Request,
  CloseEphemeralResource_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { closeRunToken } from "../run-token.js";
import { runTokenOf } from "./run-token-private.js";

/** Ends the run's token. */
export async function closeEphemeralResource(
  { private: kept }: CloseEphemeralResource_Request,
  { connection }: ProviderContext,
): Promise<CloseEphemeralResource_Response> {
  await closeRunToken(connection.api, runTokenOf(kept));
  return { diagnostics: [] };
}
