import { BUCKET, CRON, OUTPUT } from "@relay/provider-schema";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { sealSecrets } from "../attributes/seal-secrets.js";
import { writtenCron } from "../crons/written-cron.js";
import { RelayError } from "../errors.js";
import { deleteBucket, deleteDeliveriesOfBuckets } from "../store/buckets.js";
import { selectCronRuns } from "../store/cron-runs.js";
import { deleteCrons, updateCrons } from "../store/crons.js";
import { updateOutput } from "../store/outputs.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bucketView } from "./bucket-view.js";
import { classicCronBody } from "./classic-cron-body.js";
import { classicCronView, type FoundCron, ownDestination } from "./classic-cron-view.js";
import { createClassicCron, DESTINATION_OF_THE_BUCKET } from "./create-classic-cron.js";
import { cronView } from "./cron-view.js";
import { findCron, requireBucket, visibleBuckets } from "./find.js";
import { withFunctionId } from "./function-reference.js";
import { managedByOf } from "./managed-by.js";
import { outputView } from "./output-view.js";
import { mergedCron } from "./replaced-cron.js";
import { tokenOf } from "./request-token.js";

interface ById {
  Params: { cron: string };
}

/**
 * GET and POST /v1/crons; GET, PUT and DELETE /v1/crons/{id}, as existing clients know them: a cron that names no bucket gets
 * one of its own, with an output to its `destination`, and takes it along when it goes. A PUT changes what it sends. The
 * reference is an id, or a name that only one cron has.
 */
export function classicCronRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, pool, clock, logger } = services;
  const views = async (found: readonly FoundCron[]) => {
    const runs = await selectCronRuns(
      pool,
      found.map(({ cron }) => cron.id),
    );
    const never = { nextRunMs: null, lastRunMs: null };
    return found.map((each) => classicCronView(each, runs.get(each.cron.id) ?? never, services.publicUrl));
  };
  const view = async (request: FastifyRequest, reference: string) =>
    (await views([findCron(catalog, tokenOf(request), reference)]))[0];

  app.get("/v1/crons", async (request) =>
    views(
      visibleBuckets(catalog, tokenOf(request)).flatMap((bucket) => bucket.crons.map((cron) => ({ cron, bucket }))),
    ),
  );

  app.post("/v1/crons", async (request, reply) => {
    const id = await createClassicCron(services, request, classicCronBody(request.body));
    reply.code(201);
    return view(request, id);
  });

  app.get<ById>("/v1/crons/:cron", async (request) => view(request, request.params.cron));

  app.put<ById>("/v1/crons/:cron", async (request) => {
    const token = tokenOf(request);
    const body = classicCronBody(request.body);
    const { cron: known } = findCron(catalog, token, request.params.cron);
    await changes.run([known.bucketId], async (client) => {
      const found = findCron(catalog, token, known.id);
      const { cron, bucket } = found;
      if (body.bucket !== undefined && requireBucket(catalog, token, body.bucket).id !== bucket.id) {
        throw new RelayError("invalid", "bucket: a cron stays in its bucket; make another cron in the other one");
      }
      const fields = withFunctionId(catalog, {
        ...mergedCron(body, cron),
        name: body.name ?? cron.name,
        managedBy: managedByOf(request) ?? cron.managedBy,
      });
      await updateCrons(client, [
        writtenCron({ id: cron.id, bucketId: bucket.id, fields, before: cron, nowMs: clock() }),
      ]);
      await auditChange(client, request, CRON, {
        id: cron.id,
        path: [bucket.name, cron.name],
        before: cronView(cron),
        after: cronView({ ...cron, ...fields }),
      });
      const { destination = "" } = body;
      if (destination === "" || destination === ownDestination(found)) return;
      const [output] = cron.ownsBucket ? bucket.outputs : [];
      if (output === undefined) throw new RelayError("invalid", DESTINATION_OF_THE_BUCKET);
      const sealed = sealSecrets(services.settingSealer, { table: "output", id: output.id }, output.secrets);
      await updateOutput(client, { ...output, destination, sealed });
      await auditChange(client, request, OUTPUT, {
        id: output.id,
        path: [bucket.name, output.name],
        before: outputView(output),
        after: outputView({ ...output, destination }),
      });
    });
    return view(request, known.id);
  });

  app.delete<ById>("/v1/crons/:cron", async (request, reply) => {
    const token = tokenOf(request);
    const { cron: known } = findCron(catalog, token, request.params.cron);
    const gone = await changes.run([known.bucketId], async (client) => {
      const { cron, bucket } = findCron(catalog, token, known.id);
      await deleteCrons(client, [cron.id]);
      await auditChange(client, request, CRON, { id: cron.id, path: [bucket.name, cron.name], before: {} });
      // What people have put into it since makes it theirs.
      if (!cron.ownsBucket || bucket.crons.length > 1 || bucket.inputs.length > 0) return undefined;
      await deleteBucket(client, bucket.id);
      for (const { id, name } of bucket.outputs) {
        await auditChange(client, request, OUTPUT, { id, path: [bucket.name, name], before: {} });
      }
      const before = bucketView(bucket, services.publicUrl);
      await auditChange(client, request, BUCKET, { id: bucket.id, path: [bucket.name], before });
      return bucket;
    });
    if (gone !== undefined) {
      services.forgetBucketKeys(gone.id);
      const outputs = gone.outputs.map(({ id }) => id);
      // As when a bucket is deleted: nobody can read what is left.
      await deleteDeliveriesOfBuckets(pool, [gone.id], outputs).catch((error: unknown) => {
        logger.warn({ err: error, bucketId: gone.id }, "bucket.deliveries-not-deleted");
      });
    }
    return reply.code(204).send();
  });
}
