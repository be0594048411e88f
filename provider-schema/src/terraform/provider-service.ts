import type { handleUnaryCall } from "@grpc/grpc-js";
import { failureDiagnostic } from "./failure-diagnostic.js";
import type { Diagnostic, ProviderServer } from "./protocol/generated/tfplugin6.js";
import type { ProviderContext } from "./provider-context.js";
import { applyResourceChange } from "./rpc/apply-resource-change.js";
import { callFunction } from "./rpc/call-function.js";
import { closeEphemeralResource } from "./rpc/close-ephemeral-resource.js";
import { configureProvider } from "./rpc/configure-provider.js";
import { getFunctions } from "./rpc/get-functions.js";
import { getMetadata } from "./rpc/get-metadata.js";
import { getProviderSchema } from "./rpc/get-provider-schema.js";
import { importResourceState } from "./rpc/import-resource-state.js";
import { moveResourceState } from "./rpc/move-resource-state.js";
import { openEphemeralResource } from "./rpc/open-ephemeral-resource.js";
import { planResourceChange } from "./rpc/plan-resource-change.js";
import { readDataSource } from "./rpc/read-data-source.js";
import { readResource } from "./rpc/read-resource.js";
import { renewEphemeralResource } from "./rpc/renew-ephemeral-resource.js";
import { SERVER_CAPABILITIES } from "./rpc/server-capabilities.js";
import { stopProvider } from "./rpc/stop-provider.js";
import { upgradeResourceState } from "./rpc/upgrade-resource-state.js";
import { validateDataResourceConfig } from "./rpc/validate-data-resource-config.js";
import { validateEphemeralResourceConfig } from "./rpc/validate-ephemeral-resource-config.js";
import { validateProviderConfig } from "./rpc/validate-provider-config.js";
import { validateResourceConfig } from "./rpc/validate-resource-config.js";

type Handler<Request, Response> = (request: Request, context: ProviderContext) => Promise<Response>;

const NOTHING = Buffer.alloc(0);

/** All calls of the protocol. An error of any of them is answered as a diagnostic. */
export function providerService(context: ProviderContext): ProviderServer {
  /** `failed` is the answer to a request whose handler threw. */
  const unary =
    <Request, Response>(
      name: string,
      handler: Handler<Request, Response>,
      failed: (diagnostics: Diagnostic[], request: Request) => Response,
    ): handleUnaryCall<Request, Response> =>
    async ({ request }, callback) => {
      const from = performance.now();
      let answer: Response;
      try {
        answer = await handler(request, context);
      } catch (error) {
        answer = failed([failureDiagnostic(error, context.log)], request);
      }
      context.log("debug", "call", { call: name, ms: Math.round(performance.now() - from) });
      callback(null, answer);
    };

  return {
    getMetadata: unary("GetMetadata", getMetadata, (diagnostics) => ({
      serverCapabilities: SERVER_CAPABILITIES,
      diagnostics,
      resources: [],
      dataSources: [],
      ephemeralResources: [],
      functions: [],
    })),
    getProviderSchema: unary("GetProviderSchema", getProviderSchema, (diagnostics) => ({
      provider: undefined,
      resourceSchemas: {},
      dataSourceSchemas: {},
      ephemeralResourceSchemas: {},
      functions: {},
      diagnostics,
      serverCapabilities: SERVER_CAPABILITIES,
    })),
    validateProviderConfig: unary("ValidateProviderConfig", validateProviderConfig, (diagnostics) => ({ diagnostics })),
    validateResourceConfig: unary("ValidateResourceConfig", validateResourceConfig, (diagnostics) => ({ diagnostics })),
    validateDataResourceConfig: unary("ValidateDataResourceConfig", validateDataResourceConfig, (diagnostics) => ({
      diagnostics,
    })),
    validateEphemeralResourceConfig: unary(
      "ValidateEphemeralResourceConfig",
      validateEphemeralResourceConfig,
      (diagnostics) => ({ diagnostics }),
    ),
    upgradeResourceState: unary("UpgradeResourceState", upgradeResourceState, (diagnostics) => ({
      upgradedState: undefined,
      diagnostics,
    })),
    configureProvider: unary("ConfigureProvider", configureProvider, (diagnostics) => ({ diagnostics })),
    readResource: unary("ReadResource", readResource, (diagnostics, request) => ({
      newState: request.currentState,
      diagnostics,
      private: request.private,
    })),
    planResourceChange: unary("PlanResourceChange", planResourceChange, (diagnostics, request) => ({
      plannedState: request.priorState,
      requiresReplace: [],
      plannedPrivate: request.priorPrivate,
      diagnostics,
    })),
    applyResourceChange: unary("ApplyResourceChange", applyResourceChange, (diagnostics, request) => ({
      newState: request.priorState,
      private: request.plannedPrivate,
      diagnostics,
    })),
    importResourceState: unary("ImportResourceState", importResourceState, (diagnostics) => ({
      importedResources: [],
      diagnostics,
    })),
    moveResourceState: unary("MoveResourceState", moveResourceState, (diagnostics) => ({
      targetState: undefined,
      diagnostics,
      targetPrivate: NOTHING,
    })),
    readDataSource: unary("ReadDataSource", readDataSource, (diagnostics) => ({ state: undefined, diagnostics })),
    openEphemeralResource: unary("OpenEphemeralResource", openEphemeralResource, (diagnostics) => ({
      result: undefined,
      diagnostics,
    })),
    renewEphemeralResource: unary("RenewEphemeralResource", renewEphemeralResource, (diagnostics) => ({ diagnostics })),
    closeEphemeralResource: unary("CloseEphemeralResource", closeEphemeralResource, (diagnostics) => ({ diagnostics })),
    getFunctions: unary("GetFunctions", getFunctions, (diagnostics) => ({ functions: {}, diagnostics })),
    callFunction: unary("CallFunction", callFunction, (diagnostics) => ({
      result: undefined,
      error: { text: diagnostics[0]?.detail ?? "The function failed." },
    })),
    stopProvider: unary("StopProvider", stopProvider, () => ({ Error: "" })),
  };
}
