import type { CronBody } from "@relay/provider-schema";
import { bodyValidator } from "./body-validator.js";
import { withFunctionReference } from "./function-reference.js";
import { CRON_SCHEMA } from "./schemas/cron.js";
import { withClassicFields } from "./schemas/with-classic-fields.js";

/** What a classic body says beyond ours. */
export interface ClassicCronBody extends CronBody {
  /** Name or id of the bucket; undefined when it names none. */
  readonly bucket?: string;
  /** Of the output of the bucket that is made with the cron; empty is none. */
  readonly destination?: string;
}

const validate = bodyValidator<ClassicCronBody>(
  "a cron",
  withClassicFields(CRON_SCHEMA, {
    bucket: { type: "string", maxLength: 200 },
    destination: { anyOf: [{ const: "" }, { type: "string", maxLength: 2000, check: "destination" }] },
  }),
);

/**
 * A body of the classic API in the form of ours: values of fields that are single texts become lists, a method its upper
 * case, the zero time of Go none, and a bucket its id or name. Throws 400 as every validator does.
 */
export function classicCronBody(body: unknown): ClassicCronBody {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return validate(body);
  const { headers, method, bucket, bucket_id, starts_at, ends_at, ...rest } = body as Record<string, unknown>;
  const reference = bucketReference(bucket) ?? bucketReference(bucket_id);
  const own = {
    ...rest,
    ...(headers === undefined ? {} : { headers: headerLists(headers) }),
    ...(method === undefined ? {} : { method: typeof method === "string" ? method.toUpperCase() : method }),
    ...(starts_at === undefined ? {} : { starts_at: momentText(starts_at) }),
    ...(ends_at === undefined ? {} : { ends_at: momentText(ends_at) }),
    ...(reference === undefined ? {} : { bucket: reference }),
  };
  return withFunctionReference(validate(own));
}

function headerLists(headers: unknown): unknown {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) return headers;
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === "string" ? [value] : value,
    ]),
  );
}

function momentText(value: unknown): unknown {
  if (typeof value === "number") return value === 0 ? "" : new Date(value * 1000).toISOString();
  return typeof value === "string" && value.startsWith("0001-01-01T00:00:00") ? "" : value;
}

/** Clients send back what they were given: a whole bucket, perhaps an empty one. */
function bucketReference(bucket: unknown): unknown {
  if (bucket === null || bucket === "") return undefined;
  if (typeof bucket !== "object") return bucket;
  const { id, name } = bucket as Record<string, unknown>;
  return bucketReference(id) ?? bucketReference(name);
}
