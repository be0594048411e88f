import { FUNCTION_LIMITS } from "./function-limits.js";
import type { HttpAnswer, HttpAsk, HttpCaller } from "./http-ask.js";

/**
 * The HTTP calls of one run, seen from the process that makes them: so many, and so long together. The worker's own word
 * counts for nothing here.
 */
export class RunCalls {
  readonly #caller: HttpCaller | undefined;
  readonly #ended = new AbortController();
  #made = 0;
  #waitedMs = 0;

  constructor(caller: HttpCaller | undefined) {
    this.#caller = caller;
  }

  /** Resolves with an answer or the reason why there is none; one at a time. */
  async make(ask: HttpAsk): Promise<HttpAnswer> {
    const { httpCalls, httpCallMs, httpWaitMs } = FUNCTION_LIMITS;
    if (this.#caller === undefined) return failed("HTTP calls are not possible here");
    if (this.#made >= httpCalls) return failed(`a run may make ${httpCalls} HTTP calls`);
    const leftMs = httpWaitMs - this.#waitedMs;
    if (leftMs <= 0) return failed(`a run may wait ${httpWaitMs / 1_000} s for its HTTP calls together`);
    this.#made += 1;
    const timeoutMs = Math.max(1, Math.min(ask.timeoutMs, httpCallMs, leftMs));
    const startedAt = performance.now();
    try {
      return await this.#caller.call(ask, { timeoutMs, signal: this.#ended.signal });
    } catch {
      return failed("the call could not be made");
    } finally {
      this.#waitedMs += performance.now() - startedAt;
    }
  }

  /** The run is over: a call that is under way is given up. */
  end(): void {
    this.#ended.abort();
  }
}

function failed(text: string): HttpAnswer {
  return { kind: "failed", text };
}
