/** What a destination answered. */
export interface DestinationAnswer {
  readonly status: number;
  /** As `WebhookRequest.headers`. */
  readonly headers: Uint8Array;
  /** Whole: an answer that was too long to be kept is none. */
  readonly body: Uint8Array;
}
