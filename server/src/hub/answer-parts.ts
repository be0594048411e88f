import { MAX_WANTED_RESPONSE_BYTES } from "../wire/index.js";

/** Bytes of answers that one session may have under way. */
const MAX_SESSION_BYTES = 16 * MAX_WANTED_RESPONSE_BYTES;

/** Puts answers together that agents send in parts. What is too long is forgotten, and counts as no answer. */
export class AnswerParts {
  readonly #parts = new Map<number, Uint8Array[] | "too-long">();
  readonly #sizes = new Map<number, number>();
  #bytes = 0;

  /** Takes the next part of the answer to this delivery. */
  add(sequence: number, part: Uint8Array): void {
    const parts = this.#parts.get(sequence) ?? [];
    if (parts === "too-long") return;
    const size = (this.#sizes.get(sequence) ?? 0) + part.length;
    if (size > MAX_WANTED_RESPONSE_BYTES || this.#bytes + part.length > MAX_SESSION_BYTES) {
      this.#forget(sequence);
      this.#parts.set(sequence, "too-long");
      return;
    }
    this.#bytes += part.length;
    this.#sizes.set(sequence, size);
    // A copy: the part is a view on its frame.
    parts.push(Uint8Array.prototype.slice.call(part));
    this.#parts.set(sequence, parts);
  }

  /** The whole body, whose last part came with the ack; undefined when it was too long. Its parts are forgotten. */
  take(sequence: number, last: Uint8Array): Uint8Array | undefined {
    if (this.#parts.size === 0) return last;
    const parts = this.#parts.get(sequence);
    this.#forget(sequence);
    if (parts === undefined) return last;
    if (parts === "too-long") return undefined;
    const body = Buffer.concat([...parts, last]);
    return body.length > MAX_WANTED_RESPONSE_BYTES ? undefined : body;
  }

  #forget(sequence: number): void {
    this.#bytes -= this.#sizes.get(sequence) ?? 0;
    this.#sizes.delete(sequence);
    this.#parts.delete(sequence);
  }
}
