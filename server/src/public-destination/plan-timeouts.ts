import type { OutputBody } from "@relay/provider-schema";
import { DEFAULT_TIMEOUTS, type PhaseTimeouts } from "../destination/phase-timeouts.js";
import type { PublicOutput } from "./public-output.js";

/** The output's own times, and the defaults for what it leaves out; none is longer than the whole call. */
export function planTimeouts({ settings, timeoutSeconds }: PublicOutput): PhaseTimeouts {
  const { timeouts = {} } = settings as OutputBody;
  const totalMs = timeoutSeconds > 0 ? timeoutSeconds * 1_000 : DEFAULT_TIMEOUTS.totalMs;
  const phase = (seconds: number | undefined, fallbackMs: number): number =>
    Math.min(totalMs, seconds === undefined || seconds === 0 ? fallbackMs : seconds * 1_000);
  return {
    dnsMs: phase(timeouts.dns, DEFAULT_TIMEOUTS.dnsMs),
    connectMs: phase(timeouts.connect, DEFAULT_TIMEOUTS.connectMs),
    tlsMs: phase(timeouts.tls, DEFAULT_TIMEOUTS.tlsMs),
    headersMs: phase(timeouts.headers, totalMs),
    bodyMs: phase(timeouts.body, totalMs),
    totalMs,
  };
}
