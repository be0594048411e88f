import { createHmac } from "node:crypto";
import type { Bucket, Input } from "../catalog/model.js";
import { factsOf } from "../rules/facts-of.js";
import type { DuplicateKey, IncomingWebhook } from "../store/incoming-webhook.js";
import { WebhookRequest } from "../wire/index.js";

const DEFAULT_WINDOW_SECONDS = 3_600;

/** How an input knows that a webhook comes again. */
interface Policy {
  readonly windowSeconds: number;
  /** What says which webhook it is; undefined when nothing does. */
  readonly keyOf: (request: Uint8Array) => string | undefined;
}

/** Finds the key by which the input of a webhook knows that it comes again. */
export class DuplicateKeys {
  readonly #secret: Buffer;
  /** By input, of those that have one: made once for each state of a bucket. */
  readonly #policies = new WeakMap<Bucket, ReadonlyMap<string, Policy>>();

  /** `secret`: of the installation. Keys may be guessed, and be about people: whoever reads the database learns none. */
  constructor(secret: Buffer) {
    this.#secret = secret;
  }

  /** Undefined when its input does not ask for it, or when the webhook has no key. */
  of({ inputId, request }: Pick<IncomingWebhook, "inputId" | "request">, bucket: Bucket): DuplicateKey | undefined {
    let policies = this.#policies.get(bucket);
    if (policies === undefined) {
      policies = policiesOf(bucket.inputs);
      this.#policies.set(bucket, policies);
    }
    const policy = policies.get(inputId);
    const key = policy?.keyOf(request);
    if (policy === undefined || key === undefined) return undefined;
    // Half of it is more than chance will ever hit twice, and a type of PostgreSQL.
    const hash = createHmac("sha256", this.#secret).update(key).digest().toString("hex", 0, 16);
    return { hash, windowSeconds: policy.windowSeconds };
  }
}

function policiesOf(inputs: readonly Input[]): ReadonlyMap<string, Policy> {
  const policies = new Map<string, Policy>();
  for (const { id, settings } of inputs) {
    const { deduplication } = settings;
    if (typeof deduplication !== "object" || deduplication === null || Array.isArray(deduplication)) continue;
    const { by, name, window } = deduplication as Readonly<Record<string, unknown>>;
    const keyOf = keyOfKind(by, String(name ?? ""));
    if (keyOf !== undefined) policies.set(id, { keyOf, windowSeconds: Number(window ?? DEFAULT_WINDOW_SECONDS) });
  }
  return policies;
}

function keyOfKind(by: unknown, name: string): Policy["keyOf"] | undefined {
  switch (by) {
    case "header":
      return (request) => named(factsOf(request).header(name)[0]);
    case "payload":
      return (request) => named(factsOf(request).payload.values(name)[0]);
    case "body":
      return whole;
    default:
      return undefined;
  }
}

/** What is empty says nothing of which webhook it is. Values from different names cannot meet: an input has one name. */
function named(value: string | undefined): string | undefined {
  return value === undefined || value === "" || value === "null" ? undefined : value;
}

/** The body and where it was sent to. An empty one is no key: all of them would be the same. */
function whole(request: Uint8Array): string | undefined {
  const { method, path, query, body } = WebhookRequest.decode(request);
  if (body.length === 0) return undefined;
  return JSON.stringify([method, path, query, Buffer.from(body).toString("latin1")]);
}
