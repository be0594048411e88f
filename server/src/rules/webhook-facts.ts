import { isUtf8 } from "node:buffer";
import { createHmac } from "node:crypto";
import { formFields } from "./form-fields.js";
import { type Payload, readPayload } from "./payload.js";
import { WEBHOOK_LIMITS } from "./webhook-limits.js";

/** A webhook as rules are asked about it. */
export interface WebhookParts {
  readonly method: string;
  /** Behind the input's address, as it was sent: "" or "/...". */
  readonly path: string;
  /** Without the question mark, as it was sent. */
  readonly rawQuery: string;
  /** Names and values alternating, as Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
  readonly remoteAddress: string;
}

/**
 * What rules ask about one webhook, found when it is asked for the first time: made once for a webhook and shared by the rules
 * of all outputs, so that a body is decoded, parsed and hashed once.
 */
export class WebhookFacts {
  readonly #parts: WebhookParts;
  #headers: ReadonlyMap<string, readonly string[]> | undefined;
  #query: ReadonlyMap<string, readonly string[]> | undefined;
  #bodyText: string | undefined;
  #payload: Payload | undefined;
  readonly #hashes = new Map<string, Buffer>();

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  get method(): string {
    return this.#parts.method;
  }

  get path(): string {
    return this.#parts.path;
  }

  get remoteAddress(): string {
    return this.#parts.remoteAddress;
  }

  /** Values of a field, whatever the case of its name (RFC 9110 section 5.1). */
  header(name: string): readonly string[] {
    this.#headers ??= headerFields(this.#parts.headers);
    return this.#headers.get(name.toLowerCase()) ?? [];
  }

  query(name: string): readonly string[] {
    this.#query ??= formFields(this.#parts.rawQuery) ?? new Map();
    return this.#query.get(name) ?? [];
  }

  /** The beginning of the body, read as UTF-8. */
  get bodyText(): string {
    if (this.#bodyText === undefined) {
      const { buffer, byteOffset, byteLength } = this.#parts.body;
      const length = Math.min(byteLength, WEBHOOK_LIMITS.bodyBytes);
      this.#bodyText = Buffer.from(buffer, byteOffset, length).toString("utf8");
    }
    return this.#bodyText;
  }

  get payload(): Payload {
    this.#payload ??= readPayload(
      { text: this.bodyText, bytes: this.#parts.body.byteLength },
      this.header("content-type")[0],
    );
    return this.#payload;
  }

  /** The HMAC of the whole body. */
  hmac(algorithm: "sha1" | "sha256" | "sha512", secret: string): Buffer {
    const key = `${algorithm} ${secret}`;
    let hash = this.#hashes.get(key);
    if (hash === undefined) {
      hash = createHmac(algorithm, secret).update(this.#parts.body).digest();
      this.#hashes.set(key, hash);
    }
    return hash;
  }
}

function headerFields(raw: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? "").toLowerCase();
    const value = fieldText(raw[i + 1] ?? "");
    const values = fields.get(name);
    if (values === undefined) fields.set(name, [value]);
    else values.push(value);
  }
  return fields;
}

/** Node reads a field as ISO 8859-1; most who send other than ASCII mean UTF-8. */
function fieldText(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : value;
}
