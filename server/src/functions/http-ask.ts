/** A call over HTTP that a function wants made. Header values have one character per byte. */
export interface HttpAsk {
  readonly method: string;
  /** As the function wrote it, with its query: nobody has looked at it. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** Milliseconds that the function wants to wait at most. */
  readonly timeoutMs: number;
}

export type HttpAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly body: Uint8Array;
    }
  /** There is no whole answer; `text` tells the function why. */
  | { readonly kind: "failed"; readonly text: string };

export interface HttpCallOptions {
  readonly timeoutMs: number;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Makes the calls of functions; decides what they may reach. Never rejects, and answers within the time. */
export interface HttpCaller {
  call(ask: HttpAsk, options: HttpCallOptions): Promise<HttpAnswer>;
}
