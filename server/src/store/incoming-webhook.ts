import type { Bucket } from "../catalog/model.js";
import type { PlannedDelivery } from "./planned-delivery.js";

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
   * Called once: undefined after the commit, with the deliveries that follow, none of which are those of a repetition; the
   * error when it was not committed.
   */
  readonly settled: (error: Error | undefined, planned: readonly PlannedDelivery[]) => void;
}
