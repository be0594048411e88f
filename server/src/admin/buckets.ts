import { randomUUID } from "node:crypto";
import type { BucketBody } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import type { Bucket } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import {
  type BucketFields,
  countBucketContent,
  deleteBucket,
  deleteDeliveriesOfBucket,
  insertBucket,
  updateBucket,
} from "../store/buckets.js";
import { insertInput } from "../store/inputs.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { prepareBucketAuth } from "./bucket-auth.js";
import { quoted, requireAllBuckets, requireBucket, visibleBuckets } from "./find.js";
import { DEFAULT_INPUT, inputView } from "./inputs.js";
import { outputView } from "./outputs.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { BUCKET_SCHEMA } from "./schemas/bucket.js";

const validate = bodyValidator<BucketBody>("a bucket", BUCKET_SCHEMA);

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
    const auth = (await prepareBucketAuth(body.auth, services.bcryptCost))({ type: "none" });
    const fields: BucketFields = { ...replaced(body), stream: body.stream ?? true, name: requireName(body.name), auth };
    const id = randomUUID();
    await changes.run([id], async (client) => {
      await insertBucket(client, id, fields);
      await services.createBucketKey(client, id);
      await insertInput(client, randomUUID(), id, DEFAULT_INPUT);
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
    const { id } = requireBucket(catalog, token, request.params.bucket);
    const authAfter = await prepareBucketAuth(body.auth, services.bcryptCost);
    const after = await changes.run([id], async (client) => {
      const bucket = requireBucket(catalog, token, id);
      const fields = body.name === undefined ? merged(body, bucket) : { ...replaced(body), name: body.name };
      await updateBucket(client, id, { ...fields, auth: authAfter(bucket.auth) });
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
        return bucket.outputs.map((output) => output.id);
      });
      services.forgetBucketKeys(id);
      // The keys are destroyed already. Rows that are left cannot be read, and retention removes them.
      await deleteDeliveriesOfBucket(pool, id, outputIds).catch((error: unknown) => {
        logger.warn({ err: error, bucketId: id }, "bucket.deliveries-not-deleted");
      });
      return { id, status: "deleted" };
    },
  );
}

/** A bucket as the API shows it. Unlike the classic API it never returns passwords and tokens: only hashes are kept. */
function bucketView(bucket: Bucket, publicUrl: string): object {
  return {
    id: bucket.id,
    name: bucket.name,
    description: bucket.description,
    auth: { type: bucket.auth.type, username: bucket.auth.type === "basic" ? bucket.auth.username : "" },
    stream: bucket.stream,
    ephemeral: bucket.ephemeral,
    large_webhooks: bucket.largeWebhooks,
    static_ip: false,
    suspended: false,
    inputs: bucket.inputs.map((input) => inputView(input, publicUrl)),
    outputs: bucket.outputs.map(outputView),
    created_at: bucket.createdAt,
    updated_at: bucket.updatedAt,
  };
}

/** Clients that send a name send everything that is not a default: what is absent goes back to its default. */
function replaced(body: BucketBody): Omit<BucketFields, "name" | "auth"> {
  return {
    description: body.description ?? "",
    stream: body.stream ?? false,
    ephemeral: body.ephemeral ?? false,
    largeWebhooks: body.large_webhooks ?? false,
  };
}

/** Clients that send no name change only what they send. */
function merged(body: BucketBody, bucket: Bucket): Omit<BucketFields, "auth"> {
  return {
    name: bucket.name,
    description: body.description ?? bucket.description,
    stream: body.stream ?? bucket.stream,
    ephemeral: body.ephemeral ?? bucket.ephemeral,
    largeWebhooks: body.large_webhooks ?? bucket.largeWebhooks,
  };
}
