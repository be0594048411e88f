import type { OpenEphemeralResource_Request, OpenEphemeralResource_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { openRunToken, renewalOf } from "../run-token.js";
import { decodeObject } from "../value/decode.js";
import { encodeObject } from "../value/encode.js";
import { withDefaults } from "../value/with-defaults.js";
import { runTokenBytes } from "./run-token-private.js";

/** Makes a token for this run: once while it plans, once more while it applies. */
export async function openEphemeralResource(
  { typeName, config }: OpenEphemeralResource_Request,
  context: ProviderContext,
): Promise<OpenEphemeralResource_Response> {
  const { attributes } = context.ephemeralResource(typeName);
  const wanted = withDefaults(attributes, decodeObject(attributes, config) ?? {});
  const { token, secret } = await openRunToken(context.connection.api, wanted);
  return {
    result: encodeObject(attributes, { ...wanted, id: token.id, secret }),
    private: runTokenBytes(token),
    renewAt: renewalOf(token),
    diagnostics: [],
  };
}
