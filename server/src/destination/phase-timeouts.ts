/** How long each phase of a call may take, in milliseconds. Every phase is also bounded by what is left of `totalMs`. */
export interface PhaseTimeouts {
  /** Until the name is resolved. */
  readonly dnsMs: number;
  /** Until a TCP connection stands, through the outbound proxy if there is one. */
  readonly connectMs: number;
  readonly tlsMs: number;
  /** From the first byte of the request to the response's header section. */
  readonly headersMs: number;
  /** From there to the end of the response. */
  readonly bodyMs: number;
  readonly totalMs: number;
}

export const DEFAULT_TIMEOUTS: PhaseTimeouts = {
  dnsMs: 5_000,
  connectMs: 10_000,
  tlsMs: 10_000,
  headersMs: 30_000,
  bodyMs: 30_000,
  totalMs: 30_000,
};
