import { randomUUID } from "node:crypto";
import type { InputBody } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import type { Input } from "../catalog/model.js";
import { deleteInput, type InputFields, insertInput, updateInput } from "../store/inputs.js";
import type { AdminServices } from "./admin-services.js";
import { bodyValidator } from "./body-validator.js";
import { requireBucket, requireInput } from "./find.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { INPUT_SCHEMA } from "./schemas/input.js";

const validate = bodyValidator<InputBody>("an input", INPUT_SCHEMA);

/** Name of the input that comes with every bucket; existing clients look for exactly this text. */
export const DEFAULT_INPUT: InputFields = {
  name: "Default public endpoint",
  description: "",
  statusCode: 0,
  headers: {},
  body: "",
};

/** POST /v1/buckets/{id}/inputs; PUT and DELETE /v1/buckets/{id}/inputs/{input}. References are ids or names. */
export function inputRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes } = services;

  app.post<{ Params: { bucket: string } }>("/v1/buckets/:bucket/inputs", async (request, reply) => {
    const token = tokenOf(request);
    const body = validate(request.body);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = randomUUID();
    await changes.run([bucketId], async (client) => {
      requireBucket(catalog, token, bucketId);
      await insertInput(client, id, bucketId, { ...replaced(body), name: requireName(body.name) });
    });
    reply.code(201);
    return inputView(requireInput(requireBucket(catalog, token, bucketId), id), services.publicUrl);
  });

  app.put<{ Params: { bucket: string; input: string } }>("/v1/buckets/:bucket/inputs/:input", async (request) => {
    const token = tokenOf(request);
    const body = validate(request.body);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = await changes.run([bucketId], async (client) => {
      const input = requireInput(requireBucket(catalog, token, bucketId), request.params.input);
      await updateInput(
        client,
        input.id,
        bucketId,
        body.name === undefined ? merged(body, input) : { ...replaced(body), name: body.name },
      );
      return input.id;
    });
    return inputView(requireInput(requireBucket(catalog, token, bucketId), id), services.publicUrl);
  });

  app.delete<{ Params: { bucket: string; input: string } }>("/v1/buckets/:bucket/inputs/:input", async (request) => {
    const token = tokenOf(request);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    return changes.run([bucketId], async (client) => {
      const { id } = requireInput(requireBucket(catalog, token, bucketId), request.params.input);
      await deleteInput(client, id, bucketId);
      return { id, status: "deleted" };
    });
  });
}

/** An input as the API shows it. `url` is ours: where webhooks are sent to. */
export function inputView(input: Input, publicUrl: string): object {
  return {
    id: input.id,
    bucket_id: input.bucketId,
    name: input.name,
    description: input.description,
    status_code: input.statusCode,
    headers: input.headers,
    body: input.body,
    function_id: "",
    response_from_output: "",
    custom_domain: "",
    path_prefix: "",
    strip_path_prefix: false,
    legacy_tls: false,
    tls_version: "",
    url: `${publicUrl}/v1/webhooks/${input.id}`,
    created_at: input.createdAt,
    updated_at: input.updatedAt,
  };
}

/** Clients that send a name send everything that is not a default: what is absent goes back to its default. */
function replaced(body: InputBody): Omit<InputFields, "name"> {
  return {
    description: body.description ?? "",
    statusCode: body.status_code ?? 0,
    headers: body.headers ?? {},
    body: body.body ?? "",
  };
}

/** Clients that send no name change only what they send. */
function merged(body: InputBody, input: Input): InputFields {
  return {
    name: input.name,
    description: body.description ?? input.description,
    statusCode: body.status_code ?? input.statusCode,
    headers: body.headers ?? input.headers,
    body: body.body ?? input.body,
  };
}
