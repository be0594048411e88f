/** A delivery that this server holds: its row carries the server's id, nobody else will touch it while the lease lasts. */
export interface HeldDelivery {
  readonly id: string;
  readonly idBytes: Uint8Array;
  readonly webhookId: string;
  readonly bucketId: string;
  readonly inputId: string;
  readonly outputId: string;
  readonly attempt: number;
  /** Retries before this attempt that its output's schedule counts. */
  readonly retries: number;
  /** Its output's function does not see it. */
  readonly skipFunction: boolean;
  /** Unix milliseconds. */
  readonly receivedAtMs: number;
  /** An encoded `WebhookRequest`. */
  readonly request: Uint8Array;
  /** What its destination answers is wanted, also when it takes the webhook. */
  readonly wantsAnswer: boolean;
  /** Never stored: gone when this server lets it go. */
  readonly ephemeral: boolean;
}
