/** One attempt of one delivery, with all that a call to a public destination can tell of it. */
export interface PublicWebhook {
  /** UUIDs. The delivery's is the same for all its attempts. */
  readonly webhookId: string;
  readonly deliveryId: string;
  /** Counts from 1. */
  readonly attempt: number;
  readonly bucketName: string;
  readonly inputName: string;
  readonly outputName: string;
  readonly method: string;
  /** Path behind the input's address, and query without question mark, as the sender wrote them. */
  readonly path: string;
  readonly query: string;
  readonly hasQuery: boolean;
  /** In the form of Node's `rawHeaders`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}
