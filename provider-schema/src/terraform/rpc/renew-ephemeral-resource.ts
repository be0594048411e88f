import type {
  RenewEphemeralResource_Request,
  RenewEphemeralResource_Response,
} from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { renewalOf, renewRunToken } from "../run-token.js";
import { runTokenBytes, runTokenOf } from "./run-token-private.js";

/** Has the run's token live on. */
export async function renewEphemeralResource(
  { private: kept }: RenewEphemeralResource_Request,
  { connection }: ProviderContext,
): Promise<RenewEphemeralResource_Response> {
  const token = runTokenOf(kept);
  await renewRunToken(connection.api, token);
  return { renewAt: renewalOf(token), private: runTokenBytes(token), diagnostics: [] };
}
