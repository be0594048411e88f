import { readDataSource as readFrom } from "../../client/read-data-source.js";
import type { ReadDataSource_Request, ReadDataSource_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeObject } from "../value/decode.js";
import { encodeObject } from "../value/encode.js";

/** What the server has of it now. */
export async function readDataSource(
  { typeName, config }: ReadDataSource_Request,
  context: ProviderContext,
): Promise<ReadDataSource_Response> {
  const source = context.dataSource(typeName);
  const values = decodeObject(source.attributes, config) ?? {};
  const state = await readFrom(context.connection.api, source, values);
  return { state: encodeObject(source.attributes, state), diagnostics: [] };
}
