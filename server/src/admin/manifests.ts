import type { FastifyInstance, FastifyReply } from "fastify";
import { RelayError } from "../errors.js";
import { applyManifest } from "../manifest/apply-manifest.js";
import { existingObjects } from "../manifest/existing-objects.js";
import { draftPlan, makePlan } from "../manifest/make-plan.js";
import { ManifestDrift } from "../manifest/manifest-drift.js";
import { ManifestRefusedError } from "../manifest/manifest-refused-error.js";
import { manifestOwner } from "../manifest/manifest-request.js";
import { readApplyRequest, readPlanRequest, requireManifestName } from "../manifest/read-request.js";
import { WorldMovedError } from "../manifest/world-moved-error.js";
import { insertAudit } from "../store/audit.js";
import { deleteManifest, releaseObjects, selectManifests } from "../store/manifests.js";
import type { AdminServices } from "./admin-services.js";
import { quoted, requireUnlimited } from "./find.js";
import { tokenOf } from "./request-token.js";
import { tokenLabel } from "./token-label.js";

/** Thousands of objects in one body. */
const BODY_LIMIT = 16 * 1024 * 1024;

interface ByName {
  Params: { name: string };
}

/**
 * GET /v1/manifests; POST /v1/manifests/{name}/plan and …/apply, GET …/drift, DELETE /v1/manifests/{name}. For tokens
 * without scopes only: a manifest may declare tokens. A manifest that cannot be carried out is answered with 400 and JSON,
 * everything that is wrong at once; a plan that no longer holds with 409 and the new plan.
 */
export function manifestRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, pool } = services;
  const drift = new ManifestDrift(services);

  app.get("/v1/manifests", async (request) => {
    requireUnlimited(tokenOf(request));
    const objects = new Map<string, number>();
    for (const { managedBy } of existingObjects(catalog)) objects.set(managedBy, (objects.get(managedBy) ?? 0) + 1);
    return (await selectManifests(pool)).map(({ name, appliedAt, appliedBy }) => ({
      name,
      applied_at: appliedAt,
      applied_by: appliedBy,
      objects: objects.get(manifestOwner(name)) ?? 0,
    }));
  });

  app.post<ByName>("/v1/manifests/:name/plan", { bodyLimit: BODY_LIMIT }, async (request, reply) => {
    requireUnlimited(tokenOf(request));
    requireManifestName(request.params.name);
    return orRefusal(reply, async () => {
      const draft = await draftPlan(services, readPlanRequest(request.params.name, request.body));
      const { plan, problems } = await makePlan(services, draft, pool);
      if (problems.length > 0) throw new ManifestRefusedError(problems);
      return plan;
    });
  });

  app.post<ByName>("/v1/manifests/:name/apply", { bodyLimit: BODY_LIMIT }, async (request, reply) => {
    const token = tokenOf(request);
    requireUnlimited(token);
    requireManifestName(request.params.name);
    reply.header("cache-control", "no-store");
    return orRefusal(reply, () => applyManifest(services, readApplyRequest(request.params.name, request.body), token));
  });

  app.get<ByName>("/v1/manifests/:name/drift", async (request) => {
    requireUnlimited(tokenOf(request));
    const plan = await drift.plan(request.params.name);
    if (plan === undefined) throw noManifest(request.params.name);
    return plan;
  });

  app.delete<ByName>("/v1/manifests/:name", async (request) => {
    const token = tokenOf(request);
    requireUnlimited(token);
    const { name } = request.params;
    const owner = manifestOwner(name);
    await changes.run([owner], async (client) => {
      if (!(await deleteManifest(client, name))) throw noManifest(name);
      await releaseObjects(client, owner);
      const own = existingObjects(catalog).filter(({ managedBy }) => managedBy === owner);
      await insertAudit(
        client,
        own.map(({ resource, id, path }) => ({
          actorId: token.id,
          actor: tokenLabel(token),
          source: "api",
          action: "release",
          resource,
          objectId: id,
          path,
          diff: [{ path: "managed_by", before: owner, after: "" }],
        })),
      );
    });
    return { name, status: "deleted" };
  });
}

function noManifest(name: string): RelayError {
  return new RelayError(
    "not-found",
    `No manifest ${quoted(name)} was applied here. GET /v1/manifests lists those that were.`,
  );
}

/** Refusals that say more than a text can. */
async function orRefusal<T>(reply: FastifyReply, work: () => Promise<T>): Promise<T | FastifyReply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ManifestRefusedError) {
      return reply.code(400).send({ message: error.message, problems: error.problems });
    }
    if (error instanceof WorldMovedError) return reply.code(409).send({ message: error.message, plan: error.plan });
    throw error;
  }
}
