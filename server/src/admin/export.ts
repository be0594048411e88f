import { exportContent, SCHEMA } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import { existingObjects } from "../manifest/existing-objects.js";
import { manifestOwner } from "../manifest/manifest-request.js";
import type { AdminServices } from "./admin-services.js";
import { requireUnlimited } from "./find.js";
import { tokenOf } from "./request-token.js";

/**
 * GET /v1/export: the content of a manifest that declares what exists, or with `?manifest=name` what that manifest manages.
 * For tokens without scopes only. Tokens without a name are left out: nothing can declare them.
 */
export function exportRoutes(app: FastifyInstance, { catalog }: AdminServices): void {
  app.get<{ Querystring: { manifest?: string } }>("/v1/export", async (request) => {
    requireUnlimited(tokenOf(request));
    const { manifest } = request.query;
    const wanted = existingObjects(catalog).filter(
      ({ managedBy }) => manifest === undefined || managedBy === manifestOwner(manifest),
    );
    // The server makes a new token's secret itself.
    return exportContent(SCHEMA.resources, wanted, ({ resource, secrets }) =>
      resource === "token" ? [] : Object.keys(secrets),
    );
  });
}
