import { randomUUID } from "node:crypto";
import { BUCKET, CRON, OUTPUT } from "@relay/provider-schema";
import type { FastifyRequest } from "fastify";
import type pg from "pg";
import { sealSecrets } from "../attributes/seal-secrets.js";
import { writtenCron } from "../crons/written-cron.js";
import { RelayError } from "../errors.js";
import { type BucketFields, insertBucket } from "../store/buckets.js";
import { type CronFields, insertCrons } from "../store/crons.js";
import { insertOutput, type OutputFields } from "../store/outputs.js";
import type { AdminServices } from "./admin-services.js";
import { auditChange } from "./audit-change.js";
import { bucketView } from "./bucket-view.js";
import type { ClassicCronBody } from "./classic-cron-body.js";
import { cronView } from "./cron-view.js";
import { requireAllBuckets, requireBucket } from "./find.js";
import { withFunctionId } from "./function-reference.js";
import { managedByOf } from "./managed-by.js";
import { outputView } from "./output-view.js";
import { replacedBucket } from "./replaced-bucket.js";
import { replacedCron } from "./replaced-cron.js";
import { replacedOutput } from "./replaced-output.js";
import { tokenOf } from "./request-token.js";
import { requireName } from "./require-name.js";
import { requireSchedule } from "./require-schedule.js";

export const DESTINATION_OF_THE_BUCKET =
  "destination: belongs to a cron with a bucket of its own; here the bucket's outputs say where its webhooks go";

const TIMES = { createdAt: 0, updatedAt: 0 };

/**
 * Makes a cron; when the body names no bucket, with a bucket of its name and an output to its destination, all in one
 * transaction. Returns the cron's id.
 */
export async function createClassicCron(
  services: AdminServices,
  request: FastifyRequest,
  body: ClassicCronBody,
): Promise<string> {
  const { catalog, changes, clock } = services;
  const token = tokenOf(request);
  const wanted: CronFields = {
    ...replacedCron({ ...body, schedule: requireSchedule(body.schedule) }),
    name: requireName(body.name),
    managedBy: managedByOf(request) ?? "",
  };
  const { bucket: reference, destination = "" } = body;
  const own = reference === undefined;
  if (own) requireAllBuckets(token);
  if (own && destination === "") {
    throw new RelayError(
      "invalid",
      'destination: is required when bucket is absent; for example "http://localhost:3000/hooks"',
    );
  }
  if (!own && destination !== "") throw new RelayError("invalid", DESTINATION_OF_THE_BUCKET);
  const bucketId = own ? randomUUID() : requireBucket(catalog, token, reference).id;
  const id = randomUUID();
  await changes.run([bucketId], async (client) => {
    const fields = withFunctionId(catalog, wanted);
    if (own) await createBucket({ client, services, request }, { id: bucketId, fields, destination });
    const path = [own ? fields.name : requireBucket(catalog, token, bucketId).name, fields.name];
    const row = writtenCron({ id, bucketId, fields, before: undefined, ownsBucket: own, nowMs: clock() });
    await insertCrons(client, [row]);
    const after = cronView({ id, bucketId, ...fields, ownsBucket: own, ...TIMES });
    await auditChange(client, request, CRON, { id, path, after });
  });
  return id;
}

interface Creation {
  readonly client: pg.PoolClient;
  readonly services: AdminServices;
  readonly request: FastifyRequest;
}

/** Without an input: nobody but the cron sends into it. */
async function createBucket(
  { client, services, request }: Creation,
  { id, fields: { name, managedBy }, destination }: { id: string; fields: CronFields; destination: string },
): Promise<void> {
  const bucket: BucketFields = { ...replacedBucket({ stream: true }), name, auth: { type: "none" }, managedBy };
  await insertBucket(client, id, bucket);
  await services.createBucketKeys(client, [id]);
  const shown = { id, ...bucket, ...TIMES, inputs: [], outputs: [], crons: [] };
  await auditChange(client, request, BUCKET, { id, path: [name], after: bucketView(shown, services.publicUrl) });

  const output: OutputFields & { readonly id: string; readonly bucketId: string } = {
    ...replacedOutput({ tls_verification: true }),
    id: randomUUID(),
    bucketId: id,
    name,
    destination,
    agents: "one",
    managedBy,
  };
  const { secrets, ...written } = output;
  const sealed = sealSecrets(services.settingSealer, { table: "output", id: output.id }, secrets);
  await insertOutput(client, { ...written, sealed });
  const after = outputView({ ...output, ...TIMES });
  await auditChange(client, request, OUTPUT, { id: output.id, path: [name, name], after });
}
