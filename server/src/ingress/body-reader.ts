import type { IncomingMessage } from "node:http";

export type BodyOutcome =
  | { readonly kind: "complete"; readonly body: Buffer }
  | { readonly kind: "too-large" }
  | { readonly kind: "no-memory" }
  | { readonly kind: "aborted" };

const EMPTY = Buffer.alloc(0);

/** Reads a request's body as the bytes it has, up to a limit; reports once. */
export class BodyReader {
  readonly #request: IncomingMessage;
  readonly #limit: number;
  readonly #reserve: (bytes: number) => boolean;
  #bytes = 0;

  /** `reserve` is told of each piece before it is kept; false refuses the request. */
  constructor(request: IncomingMessage, limit: number, reserve: (bytes: number) => boolean) {
    this.#request = request;
    this.#limit = limit;
    this.#reserve = reserve;
  }

  /** Bytes reserved so far. */
  get bytes(): number {
    return this.#bytes;
  }

  read(report: (outcome: BodyOutcome) => void): void {
    const request = this.#request;
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let reported = false;
    const finish = (outcome: BodyOutcome) => {
      if (reported) return;
      reported = true;
      report(outcome);
    };
    request.on("data", (chunk: Buffer) => {
      if (reported) return;
      this.#bytes += chunk.length;
      const hasMemory = this.#reserve(chunk.length);
      if (this.#bytes > this.#limit) return finish({ kind: "too-large" });
      if (!hasMemory) return finish({ kind: "no-memory" });
      if (first === undefined) first = chunk;
      else if (more === undefined) more = [first, chunk];
      else more.push(chunk);
    });
    request.on("end", () =>
      finish({ kind: "complete", body: more === undefined ? (first ?? EMPTY) : Buffer.concat(more) }),
    );
    request.on("error", () => finish({ kind: "aborted" }));
    request.on("close", () => finish({ kind: "aborted" }));
  }
}
