import type { HttpAsk } from "../http-ask.js";
import { decodeAsk, type FrameLengths, LENGTHS_BYTES, readLengths } from "./ask-frames.js";

/** Puts the questions of a worker together out of what comes in, in pieces of any size. */
export class AskReader {
  #pieces: Buffer[] = [];
  #size = 0;
  #lengths: FrameLengths | undefined;

  /** The question that this piece completes; undefined when there is more to come. Throws when it is none. */
  push(piece: Buffer): HttpAsk | undefined {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#lengths === undefined) {
      if (this.#size < LENGTHS_BYTES) return undefined;
      this.#lengths = readLengths(this.#joined());
    }
    const { head, body } = this.#lengths;
    const bodyAt = LENGTHS_BYTES + head;
    const end = bodyAt + body;
    if (this.#size < end) return undefined;
    // A worker asks again only once it has its answer.
    if (this.#size > end) throw new Error("a worker asks before it has been answered");
    const all = this.#joined();
    this.#pieces = [];
    this.#size = 0;
    this.#lengths = undefined;
    return decodeAsk(all.subarray(LENGTHS_BYTES, bodyAt), all.subarray(bodyAt, end));
  }

  #joined(): Buffer {
    const joined = Buffer.concat(this.#pieces);
    this.#pieces = [joined];
    return joined;
  }
}
