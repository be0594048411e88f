import type { FastifyInstance } from "fastify";
import { functionVariables } from "../executions/function-variables.js";
import type { AdminServices } from "./admin-services.js";
import { requireFunction, requireFunctionRights } from "./find-function.js";
import { invokeRequest } from "./invoke-request.js";
import { invokeView } from "./invoke-view.js";
import { tokenOf } from "./request-token.js";

/** POST /v1/functions/{id}/invoke: runs the function once, on a request that the body describes. */
export function functionInvokeRoute(app: FastifyInstance, { catalog, functions, executions }: AdminServices): void {
  app.post<{ Params: { function: string } }>("/v1/functions/:function/invoke", async (incoming) => {
    requireFunctionRights(tokenOf(incoming));
    const of = requireFunction(catalog, incoming.params.function);
    const request = invokeRequest(incoming.body);
    const metadata = {};
    const result = await functions.run({
      functionId: of.id,
      driver: of.driver,
      source: of.source,
      variables: functionVariables(of),
      // A turn of its own: it waits for no bucket's webhooks, and they do not wait for it.
      bucketId: of.id,
      request,
      metadata,
    });
    const executionId = executions.record({ functionId: of.id, result });
    return invokeView({ executionId, functionId: of.id, request, metadata, result });
  });
}
