import { randomUUID } from "node:crypto";
import type { OutputBody } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import type { Output } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import {
  deleteOutput,
  insertOutput,
  type OutputFields,
  stallDeliveriesOfOutput,
  updateOutput,
} from "../store/outputs.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { requireBucket, requireOutput } from "./find.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { OUTPUT_SCHEMA } from "./schemas/output.js";

const validate = bodyValidator<OutputBody>("an output", OUTPUT_SCHEMA);

/**
 * POST /v1/buckets/{id}/outputs; PUT and DELETE /v1/buckets/{id}/outputs/{output}. References are ids or names.
 *
 * Two departures from the classic API: `internal` is always true, also when it is absent, because this version delivers
 * through agents only; and `agents` (`one` or `each`) says who gets a delivery. Classic clients do not know that field, so
 * a replacing PUT without it leaves it as it is.
 */
export function outputRoutes(app: FastifyInstance, { catalog, changes, pool, logger }: AdminServices): void {
  app.post<{ Params: { bucket: string } }>("/v1/buckets/:bucket/outputs", async (request, reply) => {
    const token = tokenOf(request);
    const body = validate(request.body);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const { destination } = body;
    if (destination === undefined) {
      throw new RelayError("invalid", 'destination: is required; for example "http://localhost:3000/hooks"');
    }
    const id = randomUUID();
    const fields = { ...replaced(body), name: requireName(body.name), destination, agents: body.agents ?? "one" };
    await changes.run([bucketId], async (client) => {
      requireBucket(catalog, token, bucketId);
      await insertOutput(client, id, bucketId, fields);
    });
    reply.code(201);
    return outputView(requireOutput(requireBucket(catalog, token, bucketId), id));
  });

  app.put<{ Params: { bucket: string; output: string } }>("/v1/buckets/:bucket/outputs/:output", async (request) => {
    const token = tokenOf(request);
    const body = validate(request.body);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = await changes.run([bucketId], async (client) => {
      const output = requireOutput(requireBucket(catalog, token, bucketId), request.params.output);
      const kept = {
        name: body.name ?? output.name,
        destination: body.destination ?? output.destination,
        agents: body.agents ?? output.agents,
      };
      const rest = body.name === undefined ? merged(body, output) : replaced(body);
      await updateOutput(client, output.id, bucketId, { ...rest, ...kept });
      return output.id;
    });
    return outputView(requireOutput(requireBucket(catalog, token, bucketId), id));
  });

  app.delete<{ Params: { bucket: string; output: string } }>("/v1/buckets/:bucket/outputs/:output", async (request) => {
    const token = tokenOf(request);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = await changes.run([bucketId], async (client) => {
      const output = requireOutput(requireBucket(catalog, token, bucketId), request.params.output);
      await deleteOutput(client, output.id, bucketId);
      return output.id;
    });
    // The output is gone already. What still waits for it would wait until retention; failing here does no more harm.
    await stallDeliveriesOfOutput(pool, id).catch((error: unknown) => {
      logger.warn({ err: error, outputId: id }, "output.deliveries-not-stalled");
    });
    return { id, status: "deleted" };
  });
}

/** An output as the API shows it. `agents` is ours. */
export function outputView(output: Output): object {
  return {
    id: output.id,
    bucket_id: output.bucketId,
    name: output.name,
    description: output.description,
    destination: output.destination,
    disabled: output.disabled,
    internal: output.internal,
    lock_path: output.lockPath,
    headers: output.headers,
    function_id: "",
    retries: 0,
    timeout: output.timeoutSeconds,
    tls_verification: output.tlsVerification,
    // Absent or null when there are none: existing clients take {} for a difference.
    rules: null,
    agents: output.agents,
    created_at: output.createdAt,
    updated_at: output.updatedAt,
  };
}

type Optional = Omit<OutputFields, "name" | "destination" | "agents">;

/** Clients that send a name send everything that is not a default: what is absent goes back to its default. */
function replaced(body: OutputBody): Optional {
  return {
    description: body.description ?? "",
    internal: true,
    disabled: body.disabled ?? false,
    lockPath: body.lock_path ?? false,
    headers: body.headers ?? {},
    timeoutSeconds: body.timeout ?? 0,
    tlsVerification: body.tls_verification ?? false,
  };
}

/** Clients that send no name change only what they send. */
function merged(body: OutputBody, output: Output): Optional {
  return {
    description: body.description ?? output.description,
    internal: true,
    disabled: body.disabled ?? output.disabled,
    lockPath: body.lock_path ?? output.lockPath,
    headers: body.headers ?? output.headers,
    timeoutSeconds: body.timeout ?? output.timeoutSeconds,
    tlsVerification: body.tls_verification ?? output.tlsVerification,
  };
}
