import { randomUUID } from "node:crypto";
import { INPUT, type InputBody, type Values } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import { sealSecrets } from "../attributes/seal-secrets.js";
import { INPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { changedSettingSecrets, mergedSettings } from "../attributes/settings.js";
import type { Input } from "../catalog/model.js";
import { deleteInput, type InputFields, insertInput, updateInput, type WrittenInput } from "../store/inputs.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { requireBucket, requireInput } from "./find.js";
import { withFunctionId, withFunctionReference } from "./function-reference.js";
import { inputView } from "./input-view.js";
import { managedByOf } from "./managed-by.js";
import { replacedInput } from "./replaced-input.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { requireSettings } from "./require-settings.js";
import { INPUT_SCHEMA } from "./schemas/input.js";

const validate = bodyValidator<InputBody>("an input", INPUT_SCHEMA);

/** Name of the input that comes with every bucket; existing clients look for exactly this text. */
export const DEFAULT_INPUT: Omit<InputFields, "managedBy"> = {
  name: "Default public endpoint",
  description: "",
  statusCode: 0,
  headers: {},
  body: "",
  settings: {},
  secrets: {},
};

/** POST /v1/buckets/{id}/inputs; GET, PUT and DELETE /v1/buckets/{id}/inputs/{input}. References are ids or names. */
export function inputRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, settingSealer } = services;
  const written = (id: string, bucketId: string, { secrets, ...fields }: InputFields): WrittenInput => {
    const sealed = sealSecrets(settingSealer, { table: "input", id }, secrets);
    return { ...fields, id, bucketId, sealed };
  };

  app.post<{ Params: { bucket: string } }>("/v1/buckets/:bucket/inputs", async (request, reply) => {
    const token = tokenOf(request);
    const body = withFunctionReference(validate(request.body));
    const wanted: InputFields = {
      ...replacedInput(body),
      name: requireName(body.name),
      managedBy: managedByOf(request) ?? "",
    };
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = randomUUID();
    requireSettings(INPUT_SETTINGS, wanted);
    await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const fields = withFunctionId(catalog, wanted);
      await insertInput(client, written(id, bucketId, fields));
      const after = inputView({ id, bucketId, ...fields, createdAt: 0, updatedAt: 0 }, services.publicUrl);
      const secrets = Object.keys(fields.secrets);
      await auditChange(client, request, INPUT, { id, path: [bucket.name, fields.name], after, secrets });
    });
    reply.code(201);
    return inputView(requireInput(requireBucket(catalog, token, bucketId), id), services.publicUrl);
  });

  app.get<{ Params: { bucket: string; input: string } }>("/v1/buckets/:bucket/inputs/:input", async (request) => {
    const bucket = requireBucket(catalog, tokenOf(request), request.params.bucket);
    return inputView(requireInput(bucket, request.params.input), services.publicUrl);
  });

  app.put<{ Params: { bucket: string; input: string } }>("/v1/buckets/:bucket/inputs/:input", async (request) => {
    const token = tokenOf(request);
    const body = withFunctionReference(validate(request.body));
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const managedBy = managedByOf(request);
    const id = await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const input = requireInput(bucket, request.params.input);
      const own =
        body.name === undefined
          ? merged(body, input)
          : { ...replacedInput(keepingVerification(body, input), input.secrets), name: body.name };
      const fields = withFunctionId(catalog, { ...own, managedBy: managedBy ?? input.managedBy });
      requireSettings(INPUT_SETTINGS, fields);
      await updateInput(client, written(input.id, bucketId, fields));
      await auditChange(client, request, INPUT, {
        id: input.id,
        path: [bucket.name, input.name],
        before: inputView(input, services.publicUrl),
        after: inputView({ ...input, ...fields }, services.publicUrl),
        secrets: changedSettingSecrets(input.secrets, fields.secrets),
      });
      return input.id;
    });
    return inputView(requireInput(requireBucket(catalog, token, bucketId), id), services.publicUrl);
  });

  app.delete<{ Params: { bucket: string; input: string } }>("/v1/buckets/:bucket/inputs/:input", async (request) => {
    const token = tokenOf(request);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    return changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const { id, name } = requireInput(bucket, request.params.input);
      await deleteInput(client, id, bucketId);
      await auditChange(client, request, INPUT, { id, path: [bucket.name, name], before: {} });
      return { id, status: "deleted" };
    });
  });
}

/** Opening an input to everybody takes an explicit `{"type": "none"}`: clients that do not know of it send nothing. */
function keepingVerification(body: InputBody, { settings }: Input): InputBody {
  const { verification } = settings as InputBody;
  return body.verification === undefined && verification !== undefined ? { ...body, verification } : body;
}

/** Clients that send no name change only what they send. */
function merged(body: InputBody, input: Input): Omit<InputFields, "managedBy"> {
  return {
    name: input.name,
    description: body.description ?? input.description,
    statusCode: body.status_code ?? input.statusCode,
    headers: body.headers ?? input.headers,
    body: body.body ?? input.body,
    ...mergedSettings(INPUT_SETTINGS, body as Values, input),
  };
}
