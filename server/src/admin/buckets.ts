import { randomUUID } from "node:crypto";
import { BUCKET, type BucketBody, INPUT, OUTPUT } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import type { Bucket } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import {
  type BucketFields,
  countBucketContent,
  deleteBucket,
  deleteDeliveriesOfBuckets,
  insertBucket,
  updateBucket,
} from "../store/buckets.js";
import { insertInput } from "../store/inputs.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { prepareBucketAuth } from "./bucket-auth.js";
import { bucketView } from "./bucket-view.js";
import { changedSecrets } from "./changed-secrets.js";
import { quoted, requireAllBuckets, requireBucket, visibleBuckets } from "./find.js";
import { inputView } from "./input-view.js";
import { DEFAULT_INPUT } from "./inputs.js";
import { managedByOf } from "./managed-by.js";
import { replacedBucket } from "./replaced-bucket.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { BUCKET_SCHEMA } from "./schemas/bucket.js";

/** `default_input` is ours: false makes the bucket without the input that existing clients look for. */
type Body = BucketBody & { readonly default_input?: boolean };

const validate = bodyValidator<Body>("a bucket", BUCKET_SCHEMA);

/** GET and POST /v1/buckets; GET, PUT and DELETE /v1/buckets/{id}. The reference is an id or a name. */
export function bucketRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, pool, logger } = services;

  app.get("/v1/buckets", async (request) =>
    visibleBuckets(catalog, tokenOf(request)).map((bucket) => bucketView(bucket, services.publicUrl)),
  );

  app.post("/v1/buckets", async (request, reply) => {
    const token = tokenOf(request);
    requireAllBuckets(token);
    const body = validate(request.body);
    const managedBy = managedByOf(request) ?? "";
    const auth = (await prepareBucketAuth(body.auth, services.bcryptCost))({ type: "none" });
    const fields: BucketFields = {
      ...replacedBucket(body),
      stream: body.stream ?? true,
      name: requireName(body.name),
      auth,
      managedBy,
    };
    const id = randomUUID();
    const times = { createdAt: 0, updatedAt: 0 };
    await changes.run([id], async (client) => {
      await insertBucket(client, id, fields);
      await services.createBucketKeys(client, [id]);
      const after = bucketView({ id, ...fields, ...times, inputs: [], outputs: [] }, services.publicUrl);
      await auditChange(client, request, BUCKET, {
        id,
        path: [fields.name],
        after,
        secrets: changedSecrets({ type: "none" }, auth),
      });
      if (body.default_input === false) return;
      const input = { id: randomUUID(), bucketId: id, ...DEFAULT_INPUT, managedBy };
      await insertInput(client, { ...input, sealed: {} });
      await auditChange(client, request, INPUT, {
        id: input.id,
        path: [fields.name, input.name],
        after: inputView({ ...input, ...times }, services.publicUrl),
      });
    });
    reply.code(201);
    return bucketView(requireBucket(catalog, token, id), services.publicUrl);
  });

  app.get<{ Params: { bucket: string } }>("/v1/buckets/:bucket", async (request) =>
    bucketView(requireBucket(catalog, tokenOf(request), request.params.bucket), services.publicUrl),
  );

  app.put<{ Params: { bucket: string } }>("/v1/buckets/:bucket", async (request) => {
    const token = tokenOf(request);
    const body = validate(request.body);
    const managedBy = managedByOf(request);
    const { id } = requireBucket(catalog, token, request.params.bucket);
    const authAfter = await prepareBucketAuth(body.auth, services.bcryptCost);
    const after = await changes.run([id], async (client) => {
      const bucket = requireBucket(catalog, token, id);
      const own = body.name === undefined ? merged(body, bucket) : { ...replacedBucket(body), name: body.name };
      const fields = { ...own, auth: authAfter(bucket.auth), managedBy: managedBy ?? bucket.managedBy };
      await updateBucket(client, id, fields);
      await auditChange(client, request, BUCKET, {
        id,
        path: [bucket.name],
        before: bucketView(bucket, services.publicUrl),
        after: bucketView({ ...bucket, ...fields }, services.publicUrl),
        secrets: changedSecrets(bucket.auth, fields.auth),
      });
      return id;
    });
    // By id and not by what the token may use: a token whose scope names the bucket has just renamed it out of its sight.
    const changed = catalog.bucket(after);
    if (changed === undefined) throw new RelayError("not-found", `The bucket ${quoted(id)} was deleted meanwhile.`);
    return bucketView(changed, services.publicUrl);
  });

  app.delete<{ Params: { bucket: string }; Querystring: { force?: string } }>(
    "/v1/buckets/:bucket",
    async (request) => {
      const token = tokenOf(request);
      const { id } = requireBucket(catalog, token, request.params.bucket);
      const force = request.query.force === "true" || request.query.force === "1";
      const outputIds = await changes.run([id], async (client) => {
        const bucket = requireBucket(catalog, token, id);
        const { inputs, outputs } = await countBucketContent(client, id);
        if (!force && inputs + outputs > 0) {
          throw new RelayError(
            "precondition",
            `The bucket ${quoted(bucket.name)} still has ${inputs} inputs and ${outputs} outputs. Delete them first, or add ?force=true to delete all of it with its webhooks.`,
          );
        }
        await deleteBucket(client, id);
        const before = bucketView(bucket, services.publicUrl);
        await auditChange(client, request, BUCKET, { id, path: [bucket.name], before });
        for (const [resource, objects] of [[INPUT, bucket.inputs] as const, [OUTPUT, bucket.outputs] as const]) {
          for (const { id: objectId, name } of objects) {
            await auditChange(client, request, resource, { id: objectId, path: [bucket.name, name], before: {} });
          }
        }
        return bucket.outputs.map((output) => output.id);
      });
      services.forgetBucketKeys(id);
      // The keys are destroyed already. Rows that are left cannot be read, and retention removes them.
      await deleteDeliveriesOfBuckets(pool, [id], outputIds).catch((error: unknown) => {
        logger.warn({ err: error, bucketId: id }, "bucket.deliveries-not-deleted");
      });
      return { id, status: "deleted" };
    },
  );
}

/** Clients that send no name change only what they send. */
function merged(body: BucketBody, bucket: Bucket): Omit<BucketFields, "auth" | "managedBy"> {
  return {
    name: bucket.name,
    description: body.description ?? bucket.description,
    stream: body.stream ?? bucket.stream,
    ephemeral: body.ephemeral ?? bucket.ephemeral,
    largeWebhooks: body.large_webhooks ?? bucket.largeWebhooks,
  };
}
