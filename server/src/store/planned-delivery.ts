/** One delivery row of a webhook about to be written. */
export interface PlannedDelivery {
  readonly idBytes: Uint8Array;
  readonly idText: string;
  /** Empty for a rejection that is the bucket's. */
  readonly outputId: string;
  readonly agentId: number;
  /** True: written as held by this server, which hands it over from memory after the commit. */
  readonly held: boolean;
  /** What its place in the order goes by; undefined when it has none. */
  readonly orderKey: bigint | undefined;
  /** Whether it counts for the output's limit of what is in hand. */
  readonly counted: boolean;
  /** Why it is over before it begins: it is written as rejected, and never handed over. */
  readonly rejection?: string;
}
