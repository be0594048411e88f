import { GuestMistake } from "./guest-mistake.js";
import type { HttpAnswer, HttpAsk } from "./http-ask.js";

/** Has a call made and waits for its answer, during which nothing else happens. */
export type AskHttp = (ask: HttpAsk) => HttpAnswer;

export interface HttpHead {
  /** Names the answer when its body is asked for. */
  readonly at: number;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The HTTP calls of one run, seen from the guest's side. */
export class RunHttp {
  readonly #ask: AskHttp;
  readonly #bodies: Uint8Array[] = [];
  #waitedMs = 0;

  constructor(ask: AskHttp) {
    this.#ask = ask;
  }

  /** Milliseconds that the guest stood still for; they do not count as its own. */
  get waitedMs(): number {
    return this.#waitedMs;
  }

  /** Throws a GuestMistake when there is no answer. */
  request(ask: HttpAsk): HttpHead {
    const startedAt = performance.now();
    const answer = this.#ask(ask);
    this.#waitedMs += performance.now() - startedAt;
    if (answer.kind === "failed") throw new GuestMistake(answer.text);
    const { status, headers, body } = answer;
    return { at: this.#bodies.push(body) - 1, status, headers };
  }

  body(at: number): Uint8Array {
    const body = this.#bodies[at];
    if (body === undefined) throw new GuestMistake("there is no such answer");
    return body;
  }
}
