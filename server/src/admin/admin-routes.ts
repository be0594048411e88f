import type { FastifyInstance } from "fastify";
import { RelayError } from "../errors.js";
import { accountKeyRoutes } from "./account-key.js";
import type { AdminContext } from "./admin-context.js";
import type { AdminServices } from "./admin-services.js";
import { answerError } from "./answer-error.js";
import { auditRoutes } from "./audit.js";
import { bucketRoutes } from "./buckets.js";
import { CatalogChanges } from "./catalog-changes.js";
import { classicCronRoutes } from "./classic-crons.js";
import { connectedClientRoutes } from "./connected-clients.js";
import { cronRoutes } from "./crons.js";
import { eventRoutes } from "./events.js";
import { exportRoutes } from "./export.js";
import { functionConfigRoutes } from "./function-config.js";
import { functionInvokeRoute } from "./function-invoke.js";
import { functionLogRoutes } from "./function-logs.js";
import { functionRoutes } from "./functions.js";
import { inputRoutes } from "./inputs.js";
import { logRoutes } from "./logs.js";
import { manifestRoutes } from "./manifests.js";
import { outputRulesRoutes } from "./output-rules.js";
import { outputRoutes } from "./outputs.js";
import { requestAuthenticator, TOKEN_DECORATOR } from "./request-token.js";
import { resendRoutes } from "./resend.js";
import { resendJobRoutes } from "./resend-jobs.js";
import { tokenRotationRoute } from "./token-rotation.js";
import { tokenRoutes } from "./tokens.js";
import { versionRoutes } from "./version.js";

const BODY_LIMIT = 1024 * 1024;

/**
 * The management API under /v1, in a scope of its own: its content-type parser, authentication and error texts do not touch
 * the other routes of `app`. References in paths may be names of up to 200 characters: give fastify
 * `routerOptions: { maxParamLength: 1000 }`.
 */
export function registerAdmin(app: FastifyInstance, context: AdminContext): void {
  // Not a copy: `publicUrl` is a getter, its value comes with the listener's port.
  const services: AdminServices = Object.create(context, { changes: { value: new CatalogChanges(context) } });
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // Existing clients send JSON under any content type, under none, or under one that is not well-formed.
    scope.addHook("onRequest", async (request) => {
      delete request.headers["content-type"];
    });
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: BODY_LIMIT },
      async (_request: unknown, body: Buffer) => parseJson(body),
    );
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, context.logger));
    scope.decorateRequest(TOKEN_DECORATOR, null);
    scope.addHook("onRequest", requestAuthenticator(context));
    bucketRoutes(scope, services);
    inputRoutes(scope, services);
    outputRoutes(scope, services);
    outputRulesRoutes(scope, services);
    cronRoutes(scope, services);
    classicCronRoutes(scope, services);
    functionRoutes(scope, services);
    functionConfigRoutes(scope, services);
    functionInvokeRoute(scope, services);
    functionLogRoutes(scope, services);
    tokenRoutes(scope, services);
    tokenRotationRoute(scope, services);
    accountKeyRoutes(scope, services);
    logRoutes(scope, services);
    resendRoutes(scope, services);
    resendJobRoutes(scope, services);
    eventRoutes(scope, services);
    connectedClientRoutes(scope, services);
    versionRoutes(scope, services);
    manifestRoutes(scope, services);
    exportRoutes(scope, services);
    auditRoutes(scope, services);
  });
}

/** Undefined for an empty body. The parser's own message is not passed on: it quotes the body, which may hold a secret. */
function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    const position = error instanceof SyntaxError ? / at position (\d+)/.exec(error.message)?.[1] : undefined;
    const where = position === undefined ? "" : `: look at character ${Number(position) + 1}`;
    throw new RelayError("invalid", `The body is not valid JSON in UTF-8${where}.`);
  }
}
