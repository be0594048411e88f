import {
  type Connecting,
  type Destination,
  type HeaderOverrides,
  headerOverrides,
  networkLookup,
  parseDestination,
  requestTarget,
} from "@relay/server/destination";
import type { Output } from "@relay/server/wire";
import { type AllowList, staysBelow, type Verdict } from "./allow-list.js";

const CONNECT_TIMEOUT_MS = 10_000;

/** An output's configuration, made ready once so that a delivery only has to fill in what differs. */
export type OutputPlan = { readonly kind: "refused"; readonly reason: string } | CallablePlan;

export interface CallablePlan {
  readonly kind: "callable";
  readonly destination: Destination;
  readonly overrides: HeaderOverrides;
  readonly verdict: Exclude<Verdict, { kind: "blocked" }>;
  readonly timeoutMs: number;
  readonly connecting: Connecting;
}

export interface PlanOptions {
  /** Null: every destination may be called. */
  readonly allow: AllowList | null;
  readonly defaultTimeoutMs: number;
}

/** Prepares an output; one that this agent may not or cannot call comes back refused, with the reason for its deliveries. */
export function planOutput(output: Output, options: PlanOptions): OutputPlan {
  let destination: Destination;
  try {
    destination = parseDestination(output.destination, output.lockPath);
  } catch (error) {
    return { kind: "refused", reason: `output ${output.name}: ${(error as Error).message}` };
  }
  const verdict: Verdict = options.allow?.check(destination) ?? { kind: "allowed", paths: null };
  if (verdict.kind === "blocked") return { kind: "refused", reason: blockedReason(destination.origin, options.allow) };
  const overrides = headerOverrides(output.headers);
  const withCredentials =
    destination.authorization === null || overrides.names.has("authorization")
      ? overrides
      : headerOverrides([...output.headers, { name: "Authorization", value: destination.authorization }]);
  const timeoutMs = output.timeoutSeconds > 0 ? output.timeoutSeconds * 1000 : options.defaultTimeoutMs;
  return {
    kind: "callable",
    destination,
    overrides: withCredentials,
    verdict,
    timeoutMs,
    connecting: connecting(destination.origin, { verdict, timeoutMs, verifyTls: output.tlsVerification }),
  };
}

interface Conditions {
  readonly verdict: Verdict;
  readonly timeoutMs: number;
  readonly verifyTls: boolean;
}

function connecting(origin: string, { verdict, timeoutMs, verifyTls }: Conditions): Connecting {
  const timeout = Math.min(CONNECT_TIMEOUT_MS, timeoutMs);
  return {
    origin,
    connect: {
      timeout,
      rejectUnauthorized: verifyTls,
      ...(verdict.kind === "by-address" ? { lookup: networkLookup(verdict.networks) } : {}),
    },
    // The networks are those of this process; only whether they apply can change.
    manner: `${timeout} ${verifyTls} ${verdict.kind}`,
  };
}

/** The request target of one webhook, or null when it would leave the allowed paths. */
export function plannedTarget(
  plan: CallablePlan,
  sent: { readonly path: string; readonly query: string; readonly hasQuery: boolean },
): string | null {
  const target = requestTarget(plan.destination, sent);
  const paths = plan.verdict.kind === "allowed" ? plan.verdict.paths : null;
  if (paths === null || paths.some((path) => staysBelow(target, path))) return target;
  return null;
}

function blockedReason(origin: string, allow: AllowList | null): string {
  return `this agent may not call ${origin}; it allows: ${allow?.entries.join(", ") ?? "everything"}`;
}
