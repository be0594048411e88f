import type { StopProvider_Request, StopProvider_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";

/** The user interrupted the run: what waits for another try ends, what is on its way comes to its end. */
export async function stopProvider(
  _request: StopProvider_Request,
  { connection }: ProviderContext,
): Promise<StopProvider_Response> {
  connection.stop();
  return { Error: "" };
}
