import { FunctionArgumentError, type Json } from "../../model.js";
import type { CallFunction_Request, CallFunction_Response } from "../protocol/generated/tfplugin6.js";
import type { ProviderContext } from "../provider-context.js";
import { decodeValue } from "../value/decode.js";
import { encodeValue } from "../value/encode.js";

/** Calls a pure function; the provider need not be configured. */
export async function callFunction(
  { name, arguments: values }: CallFunction_Request,
  context: ProviderContext,
): Promise<CallFunction_Response> {
  const { parameters, result, call } = context.function(name);
  try {
    // Nothing is null or unknown: the parameters say that they take neither.
    const args = parameters.map(({ kind }, i) => decodeValue(kind, values[i]) as Json);
    return { result: encodeValue(result, call(...args) as never), error: undefined };
  } catch (error) {
    const at = error instanceof FunctionArgumentError ? error.argument : undefined;
    return { result: undefined, error: { text: (error as Error).message, functionArgument: at } };
  }
}
