import { isLimited, isLimitedToBuckets, mayUseBucket } from "../auth/token-scope.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Bucket, Cron, Input, Output, Token } from "../catalog/model.js";
import { RelayError } from "../errors.js";

/** A reference as people may see it again: quoted and short. */
export function quoted(reference: string): string {
  return JSON.stringify(reference.length > 100 ? `${reference.slice(0, 100)}...` : reference);
}

/**
 * The bucket of this id or name. Throws 404 alike when there is none and when the token may not use it, so that a token
 * cannot find out which other buckets exist.
 */
export function requireBucket(catalog: Catalog, token: Token, reference: string): Bucket {
  const bucket = catalog.bucket(reference) ?? catalog.bucketByName(reference);
  if (bucket === undefined || !mayUseBucket(token, bucket)) {
    throw new RelayError(
      "not-found",
      `There is no bucket ${quoted(reference)} that this token may use. GET /v1/buckets lists those it may.`,
    );
  }
  return bucket;
}

/** The bucket's input of this id or name. Throws 404. */
export function requireInput(bucket: Bucket, reference: string): Input {
  const input =
    bucket.inputs.find(({ id }) => id === reference) ?? bucket.inputs.find(({ name }) => name === reference);
  if (input === undefined) {
    throw new RelayError("not-found", `The bucket ${quoted(bucket.name)} has no input ${quoted(reference)}.`);
  }
  return input;
}

/** The bucket's output of this id or name. Throws 404. */
export function requireOutput(bucket: Bucket, reference: string): Output {
  const output =
    bucket.outputs.find(({ id }) => id === reference) ?? bucket.outputs.find(({ name }) => name === reference);
  if (output === undefined) {
    throw new RelayError("not-found", `The bucket ${quoted(bucket.name)} has no output ${quoted(reference)}.`);
  }
  return output;
}

/** The bucket's cron of this id or name. Throws 404. */
export function requireCron(bucket: Bucket, reference: string): Cron {
  const cron = bucket.crons.find(({ id }) => id === reference) ?? bucket.crons.find(({ name }) => name === reference);
  if (cron === undefined) {
    throw new RelayError("not-found", `The bucket ${quoted(bucket.name)} has no cron ${quoted(reference)}.`);
  }
  return cron;
}

/** The cron of this id, or of this name when only one has it, among those the token may use. Throws 404, or 400. */
export function findCron(catalog: Catalog, token: Token, reference: string): { cron: Cron; bucket: Bucket } {
  const all = visibleBuckets(catalog, token).flatMap((bucket) => bucket.crons.map((cron) => ({ cron, bucket })));
  const known = all.find(({ cron }) => cron.id === reference);
  if (known !== undefined) return known;
  const [found, other] = all.filter(({ cron }) => cron.name === reference);
  if (found === undefined) {
    throw new RelayError(
      "not-found",
      `There is no cron ${quoted(reference)} that this token may use. GET /v1/crons lists those it may.`,
    );
  }
  if (other !== undefined) {
    throw new RelayError("invalid", `Several buckets have a cron ${quoted(reference)}. Name it by its id.`);
  }
  return found;
}

/** Buckets the token may use, by name. */
export function visibleBuckets(catalog: Catalog, token: Token): readonly Bucket[] {
  return catalog.buckets().filter((bucket) => mayUseBucket(token, bucket));
}

/** Throws 403 for a token that is limited to some buckets. */
export function requireAllBuckets(token: Token): void {
  if (isLimitedToBuckets(token)) {
    throw new RelayError(
      "forbidden",
      "This token is limited to its buckets and may not make others. Use one without bucket scopes.",
    );
  }
}

/** Throws 403 for a limited token: it could else make itself an unlimited one. */
export function requireUnlimited(token: Token): void {
  if (isLimited(token)) {
    throw new RelayError(
      "forbidden",
      "This token is limited to its scopes and may not manage tokens. Use one without scopes.",
    );
  }
}
