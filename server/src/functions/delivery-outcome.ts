/** How a delivery ended, for a function that runs afterwards. */
export interface DeliveryOutcome {
  /** The delivery's status in the API: `sent`, `failed`, `rejected`. */
  readonly outcome: string;
  /** Attempts that were made. */
  readonly attempts: number;
  /** Milliseconds that the last one took. */
  readonly durationMs: number;
  /** What kept an answer from coming, in one word; empty when there was one. */
  readonly error: string;
  /** 0 when the destination did not answer. */
  readonly responseStatus: number;
  /** Absent also when it was too long to be kept. Header values have one character per byte. */
  readonly response?: {
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: Uint8Array;
  };
}
