import { randomUUID } from "node:crypto";
import { OUTPUT, type OutputBody, type Values } from "@relay/provider-schema";
import type { FastifyInstance } from "fastify";
import { sealSecrets } from "../attributes/seal-secrets.js";
import { OUTPUT_SETTINGS } from "../attributes/setting-attributes.js";
import { changedSettingSecrets, mergedSettings } from "../attributes/settings.js";
import type { Output } from "../catalog/model.js";
import { RelayError } from "../errors.js";
import {
  deleteOutput,
  insertOutput,
  type OutputFields,
  stallDeliveriesOfOutputs,
  updateOutput,
  type WrittenOutput,
} from "../store/outputs.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bodyValidator } from "./body-validator.js";
import { circuitView } from "./circuit-view.js";
import { type ClassicOutputFields, withoutClassicFields } from "./classic-output.js";
import { requireBucket, requireOutput } from "./find.js";
import { withFunctionId, withFunctionReference } from "./function-reference.js";
import { managedByOf } from "./managed-by.js";
import { outputView } from "./output-view.js";
import { type OptionalOutputFields, replacedOutput } from "./replaced-output.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { requireCallable, requireSettings } from "./require-settings.js";
import { OUTPUT_SCHEMA } from "./schemas/output.js";

const valid = bodyValidator<OutputBody & ClassicOutputFields>("an output", OUTPUT_SCHEMA);
const validate = (body: unknown) => withoutClassicFields(valid(body));

/**
 * POST /v1/buckets/{id}/outputs; GET, PUT and DELETE /v1/buckets/{id}/outputs/{output}. References are ids or names.
 *
 * Two departures from the classic API: `internal` is always true, also when it is absent, because this version delivers
 * through agents only; and `agents` (`one` or `each`) says who gets a delivery. Classic clients do not know that field, so
 * a replacing PUT without it leaves it as it is.
 */
export function outputRoutes(app: FastifyInstance, services: AdminServices): void {
  const { catalog, changes, pool, logger, settingSealer } = services;
  const written = (id: string, bucketId: string, { secrets, ...fields }: OutputFields): WrittenOutput => {
    const sealed = sealSecrets(settingSealer, { table: "output", id }, secrets);
    return { ...fields, id, bucketId, sealed };
  };

  app.post<{ Params: { bucket: string } }>("/v1/buckets/:bucket/outputs", async (request, reply) => {
    const token = tokenOf(request);
    const body = withFunctionReference(validate(request.body));
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const { destination } = body;
    if (destination === undefined) {
      throw new RelayError("invalid", 'destination: is required; for example "http://localhost:3000/hooks"');
    }
    const id = randomUUID();
    const wanted: OutputFields = {
      ...replacedOutput(body),
      name: requireName(body.name),
      destination,
      agents: body.agents ?? "one",
      managedBy: managedByOf(request) ?? "",
    };
    requireSettings(OUTPUT_SETTINGS, wanted);
    requireCallable(wanted, services.destinationRefusal);
    await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const fields = withFunctionId(catalog, wanted);
      await insertOutput(client, written(id, bucketId, fields));
      const after = outputView({ id, bucketId, ...fields, createdAt: 0, updatedAt: 0 });
      const secrets = Object.keys(fields.secrets);
      await auditChange(client, request, OUTPUT, { id, path: [bucket.name, fields.name], after, secrets });
    });
    reply.code(201);
    return outputView(requireOutput(requireBucket(catalog, token, bucketId), id));
  });

  app.get<{ Params: { bucket: string; output: string } }>("/v1/buckets/:bucket/outputs/:output", async (request) => {
    const bucket = requireBucket(catalog, tokenOf(request), request.params.bucket);
    const output = requireOutput(bucket, request.params.output);
    return { ...outputView(output), circuit: await circuitView(pool, output.id) };
  });

  app.put<{ Params: { bucket: string; output: string } }>("/v1/buckets/:bucket/outputs/:output", async (request) => {
    const token = tokenOf(request);
    const body = withFunctionReference(validate(request.body));
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const managedBy = managedByOf(request);
    const id = await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const output = requireOutput(bucket, request.params.output);
      const kept = {
        name: body.name ?? output.name,
        destination: body.destination ?? output.destination,
        agents: body.agents ?? output.agents,
        managedBy: managedBy ?? output.managedBy,
      };
      const rest = body.name === undefined ? merged(body, output) : replacedOutput(body, output.secrets);
      const fields = withFunctionId(catalog, { ...rest, ...kept });
      requireSettings(OUTPUT_SETTINGS, fields);
      requireCallable(fields, services.destinationRefusal);
      await updateOutput(client, written(output.id, bucketId, fields));
      await auditChange(client, request, OUTPUT, {
        id: output.id,
        path: [bucket.name, output.name],
        before: outputView(output),
        after: outputView({ ...output, ...fields }),
        secrets: changedSettingSecrets(output.secrets, fields.secrets),
      });
      return output.id;
    });
    return outputView(requireOutput(requireBucket(catalog, token, bucketId), id));
  });

  app.delete<{ Params: { bucket: string; output: string } }>("/v1/buckets/:bucket/outputs/:output", async (request) => {
    const token = tokenOf(request);
    const bucketId = requireBucket(catalog, token, request.params.bucket).id;
    const id = await changes.run([bucketId], async (client) => {
      const bucket = requireBucket(catalog, token, bucketId);
      const output = requireOutput(bucket, request.params.output);
      await deleteOutput(client, output.id, bucketId);
      await auditChange(client, request, OUTPUT, { id: output.id, path: [bucket.name, output.name], before: {} });
      return output.id;
    });
    // The output is gone already. What still waits for it would wait until retention; failing here does no more harm.
    await stallDeliveriesOfOutputs(pool, [id]).catch((error: unknown) => {
      logger.warn({ err: error, outputId: id }, "output.deliveries-not-stalled");
    });
    return { id, status: "deleted" };
  });
}

/** Clients that send no name change only what they send. */
function merged(body: OutputBody, output: Output): OptionalOutputFields {
  return {
    description: body.description ?? output.description,
    internal: body.internal ?? output.internal,
    disabled: body.disabled ?? output.disabled,
    lockPath: body.lock_path ?? output.lockPath,
    headers: body.headers ?? output.headers,
    timeoutSeconds: body.timeout ?? output.timeoutSeconds,
    tlsVerification: body.tls_verification ?? output.tlsVerification,
    ...mergedSettings(OUTPUT_SETTINGS, body as Values, output),
  };
}
