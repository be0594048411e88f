import type { Bucket } from "../catalog/model.js";

/** By what an input knows that a webhook comes again. */
export interface DuplicateKey {
  /** Hexadecimal, 128 bits. */
  readonly hash: string;
  /** For how long the first one with the key is remembered. */
  readonly windowSeconds: number;
}

/** A webhook on its way to the database. */
export interface IncomingWebhook {
  readonly idText: string;
  /** Undefined for an unknown input: it takes the same way and the same time, and leaves no row behind. */
  readonly bucket: Bucket | undefined;
  readonly inputId: string;
  readonly receivedAtMs: number;
  /** An encoded `WebhookRequest`. */
  readonly request: Uint8Array;
  /** 0 and undefined in an ephemeral bucket; of an unknown input a decoy. */
  readonly keyVersion: number;
  readonly sealed: Buffer | undefined;
  /** Why it goes to none of its outputs: its input's function says so. */
  readonly halted?: string;
  /**
   * Called once: undefined after the commit, the error when it was not committed. `duplicateOf`: the id of the webhook
   * that this one repeats; it is kept, and delivered to nobody.
   */
  readonly settled: (error: Error | undefined, duplicateOf?: string) => void;
}
