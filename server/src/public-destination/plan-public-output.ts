import type { SecureContext } from "node:tls";
import type { Connecting } from "../destination/destination-connections.js";
import type { DestinationGuard } from "../destination/guard/destination-guard.js";
import { guardedConnector } from "../destination/guarded-connector.js";
import type { OutboundProxy } from "../destination/outbound-proxy.js";
import type { PhaseTimeouts } from "../destination/phase-timeouts.js";
import { type PlannedHeaders, planHeaders } from "./plan-headers.js";
import { type PlannedTarget, planTarget } from "./plan-target.js";
import { planTimeouts } from "./plan-timeouts.js";
import { planTls } from "./plan-tls.js";
import type { PublicOutput } from "./public-output.js";

/** A public output made ready once, so that a call only has to fill in what differs. */
export type PublicPlan =
  | { readonly kind: "refused"; readonly blocked: boolean; readonly reason: string }
  | CallablePublicPlan;

export interface CallablePublicPlan {
  readonly kind: "callable";
  readonly target: PlannedTarget;
  readonly headers: PlannedHeaders;
  readonly timeouts: PhaseTimeouts;
  readonly connecting: Connecting;
}

export interface PublicPlanOptions {
  readonly guard: DestinationGuard;
  readonly proxy: OutboundProxy | null;
  /** TLS with the authorities of the system and no certificate, made once. */
  readonly sharedTls: SecureContext;
}

const IDLE_MS = 10_000;

/** Prepares an output; one that cannot or must not be called comes back refused, with the reason for its deliveries. */
export function planPublicOutput(output: PublicOutput, options: PublicPlanOptions): PublicPlan {
  const { guard, proxy, sharedTls } = options;
  try {
    const target = planTarget(output.destination, output.lockPath);
    const { origin, hostname } = target.destination;
    const blocked = guard.refusal(hostname);
    if (blocked !== undefined) return { kind: "refused", blocked: true, reason: blocked };
    const timeouts = planTimeouts(output);
    const { dnsMs, connectMs, tlsMs } = timeouts;
    const tls = planTls(output, sharedTls);
    return {
      kind: "callable",
      target,
      headers: planHeaders(output),
      timeouts,
      connecting: {
        origin,
        connect: guardedConnector({ guard, proxy, tls, timeouts }),
        manner: `${dnsMs} ${connectMs} ${tlsMs} ${tls.fingerprint}`,
        idleMs: IDLE_MS,
      },
    };
  } catch (error) {
    return { kind: "refused", blocked: false, reason: `output ${output.name}: ${(error as Error).message}` };
  }
}
