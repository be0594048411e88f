import type { Output } from "../catalog/model.js";
import type { WebhookFacts } from "../rules/webhook-facts.js";
import type { Pace } from "../store/claim-at-pace.js";
import { orderKey } from "./order-key.js";
import { type RetrySchedule, retrySchedule } from "./retry-schedule.js";

/** What the settings of an output mean for its deliveries. */
export interface OutputPolicy {
  /** Undefined: what failed once has failed. */
  readonly schedule: RetrySchedule | undefined;
  /** Undefined: as fast as it goes. */
  readonly pace: Pace | undefined;
  /** What deliveries of a webhook keep their order by; undefined: nothing. */
  readonly orderOf: ((facts: WebhookFacts) => bigint) | undefined;
}

const policies = new WeakMap<Output, OutputPolicy>();

/** Made once for each state of an output. */
export function outputPolicy(output: Output): OutputPolicy {
  let policy = policies.get(output);
  if (policy === undefined) {
    policy = {
      schedule: retrySchedule(objectOf(output.settings.retry), output.internal),
      pace: paceOf(objectOf(output.settings.throttle)),
      orderOf: orderOf(objectOf(output.settings.order)),
    };
    policies.set(output, policy);
  }
  return policy;
}

/** True when deliveries of the output go through the database, which alone knows what other servers do. */
export function isGoverned({ pace, orderOf }: OutputPolicy): boolean {
  return pace !== undefined || orderOf !== undefined;
}

type Values = Readonly<Record<string, unknown>>;

function objectOf(value: unknown): Output["settings"] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Output["settings"]) : {};
}

const INTERVALS_MS: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };

function paceOf({ rate, interval, max_concurrent }: Values): Pace | undefined {
  const perInterval = Number(rate ?? 0);
  const most = Number(max_concurrent ?? 0);
  if (perInterval === 0 && most === 0) return undefined;
  const intervalMs = INTERVALS_MS[String(interval ?? "second")] ?? 1_000;
  return { intervalMs: perInterval === 0 ? 0 : intervalMs / perInterval, concurrency: most };
}

function orderOf({ by, name }: Values): OutputPolicy["orderOf"] {
  const key = String(name ?? "");
  switch (by) {
    case "output":
      return () => orderKey(undefined);
    case "header":
      return (facts) => orderKey(facts.header(key)[0]);
    case "payload":
      return (facts) => orderKey(facts.payload.values(key)[0]);
    default:
      return undefined;
  }
}
