import { createHmac } from "node:crypto";
import {
  canonicalJson,
  type DeclaredObject,
  type ExistingObject,
  type Json,
  objectKey,
  type PlannedChange,
} from "@relay/provider-schema";

export interface FingerprintInput {
  /** The same on all servers of an installation, and after a restart. */
  readonly key: Buffer;
  readonly manifest: string;
  readonly changes: readonly PlannedChange[];
  readonly declared: readonly DeclaredObject[];
  readonly existing: readonly ExistingObject[];
}

/**
 * Fingerprint of a plan and the state it was made on: what is declared, what is to be changed, and how the objects that are
 * to be changed are now; other objects may change meanwhile. With a key, so that it does not help to guess the secrets in
 * it. How many webhooks wait is left out: that changes all the time.
 */
export function fingerprint({ key, manifest, changes, declared, existing }: FingerprintInput): string {
  const touched = new Set(changes.map(objectKey));
  const text = canonicalJson({
    version: 1,
    manifest,
    changes: changes.map(({ undelivered: _, ...change }) => change) as unknown as Json,
    declared: declared as unknown as Json,
    before: existing.filter((object) => touched.has(objectKey(object))) as unknown as Json,
  });
  return createHmac("sha256", key).update(text).digest("base64url");
}
