import { randomUUID } from "node:crypto";
import { CRON, type CronBody } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import type { Cron } from "../catalog/model.js";
import { writtenCron } from "../crons/written-cron.js";
import { type CronRuns, selectCronRuns } from "../store/cron-runs.js";
import { type CronFields, deleteCrons, insertCrons, updateCrons } from "../store/crons.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { cronView } from "./cron-view.js";
import { requireBucket, requireCron } from "./find.js";
import { withFunctionId, withFunctionReference } from "./function-reference.js";
import { managedByOf } from "./managed-by.js";
import { mergedCron, replacedCron } from "./replaced-cron.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { requireSchedule } from "./require-schedule.js";
import { CRON_SCHEMA } from "./schemas/cron.js";

const validate = bodyValidator<CronBody>("a cron", CRON_SCHEMA);

interface Bucket {
  Params: { bucket: string };
}

interface BucketCron {
  Params: { bucket: string; cron: string };
}

/**
 * GET and POST /v1/buckets/{id}/crons; GET, PUT and DELETE /v1/buckets/{id}/crons/{cron}. References are ids or names. The
 * classic paths are in `classic-crons.ts`.
 */
export function cronRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, pool, clock } = services;
  const shown = async (crons: readonly Cron[]) => {
    const runs = await selectCronRuns(
      pool,
      crons.map(({ id }) => id),
    );
    return crons.map((cron) => cronView(cron, runs.get(cron.id) ?? NEVER));
  };

  app.get<Bucket>("/v1/buckets/:bucket/crons", async (request) =>
    shown(requireBucket(catalog, tokenOf(request), request.params.bucket).crons),
  );

  app.post<Bucket>("/v1/buckets/:bucket/crons", async (request, reply) => {
    const token = tokenOf(request);
    const body = withFunctionReference(validate(request.body));
    const wanted: CronFields = {
      ...replacedCron({ ...body, schedule: requireSchedule(body.schedule) }),
      name: requireName(body.name),
      managedBy: managedByOf(request) ?? "",
    };
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = randomUUID();
    await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const fields = withFunctionId(catalog, wanted);
      await insertCrons(client, [writtenCron({ id, bucketId, fields, before: undefined, nowMs: clock() })]);
      const after = cronView({ id, bucketId, ...fields, ownsBucket: false, createdAt: 0, updatedAt: 0 });
      await auditChange(client, request, CRON, { id, path: [bucket.name, fields.name], after });
    });
    reply.code(201);
    return (await shown([requireCron(requireBucket(catalog, token, bucketId), id)]))[0];
  });

  app.get<BucketCron>("/v1/buckets/:bucket/crons/:cron", async (request) => {
    const bucket = requireBucket(catalog, tokenOf(request), request.params.bucket);
    return (await shown([requireCron(bucket, request.params.cron)]))[0];
  });

  app.put<BucketCron>("/v1/buckets/:bucket/crons/:cron", async (request) => {
    const token = tokenOf(request);
    const body = withFunctionReference(validate(request.body));
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const managedBy = managedByOf(request);
    const id = await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const cron = requireCron(bucket, request.params.cron);
      const schedule = body.schedule ?? cron.settings.schedule;
      const rest = body.name === undefined ? mergedCron(body, cron) : replacedCron({ ...body, schedule });
      const own = { name: body.name ?? cron.name, managedBy: managedBy ?? cron.managedBy };
      const fields = withFunctionId(catalog, { ...rest, ...own });
      await updateCrons(client, [writtenCron({ id: cron.id, bucketId, fields, before: cron, nowMs: clock() })]);
      await auditChange(client, request, CRON, {
        id: cron.id,
        path: [bucket.name, cron.name],
        before: cronView(cron),
        after: cronView({ ...cron, ...fields }),
      });
      return cron.id;
    });
    return (await shown([requireCron(requireBucket(catalog, token, bucketId), id)]))[0];
  });

  app.delete<BucketCron>("/v1/buckets/:bucket/crons/:cron", async (request) => {
    const token = tokenOf(request);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    return changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const { id, name } = requireCron(bucket, request.params.cron);
      await deleteCrons(client, [id]);
      await auditChange(client, request, CRON, { id, path: [bucket.name, name], before: {} });
      return { id, status: "deleted" };
    });
  });
}

const NEVER: CronRuns = { nextRunMs: null, lastRunMs: null };
