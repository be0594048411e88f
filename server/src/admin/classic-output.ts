import { durationMs, type OutputBody, type Values } from "@relay/provider-schema";
import type { Settings } from "../attributes/settings.js";

/** What the classic API calls some settings of an output; times are nanoseconds. */
export interface ClassicOutputFields {
  readonly retries?: 0 | -1;
  readonly durability?: {
    readonly enabled?: boolean;
    readonly schedule?: "" | "seconds" | "medium" | "long" | "custom";
    readonly custom_delays?: readonly number[];
    readonly deadline?: number;
  };
  readonly throttle?: { readonly enabled?: boolean };
}

const DURATION = { type: "integer", minimum: 0, maximum: 31_536_000_000_000_000 };

export const CLASSIC_OUTPUT_SCHEMA = {
  retries: { enum: [0, -1] },
  durability: {
    type: "object",
    properties: {
      enabled: { type: "boolean" },
      schedule: { enum: ["", "seconds", "medium", "long", "custom"] },
      custom_delays: { type: "array", maxItems: 100, items: DURATION },
      deadline: DURATION,
      handoff_after: DURATION,
    },
  },
};

const NS_PER_MS = 1_000_000;

/** The body in our own words, which stand where both are there. */
export function withoutClassicFields(body: OutputBody & ClassicOutputFields): OutputBody {
  const { retries, durability, throttle, ...own } = body;
  const retry = own.retry ?? retryOf(retries, durability);
  // Classic clients keep the numbers of a throttle that they switch off.
  const kept = throttle?.enabled === false ? undefined : (throttle as OutputBody["throttle"]);
  return {
    ...own,
    ...(retry === undefined ? {} : { retry }),
    ...(kept === undefined ? {} : { throttle: kept }),
  };
}

function retryOf(
  retries: ClassicOutputFields["retries"] | undefined,
  durability: ClassicOutputFields["durability"] | undefined,
): OutputBody["retry"] {
  if (durability?.enabled === true) {
    const { schedule = "", custom_delays = [], deadline = 0 } = durability;
    return {
      schedule: schedule === "" ? "long" : schedule,
      ...(schedule === "custom" ? { delays: custom_delays.map(durationOf) } : {}),
      ...(deadline > 0 ? { deadline: durationOf(deadline) } : {}),
    };
  }
  return retries === -1 ? { schedule: "none" } : undefined;
}

function durationOf(ns: number): string {
  return `${Math.round(ns / NS_PER_MS)}ms`;
}

/** The settings as classic clients look for them, beside our own. */
export function classicOutputFields({ retry, throttle }: Settings): object {
  const { schedule = "default", delays = [], deadline = "" } = (retry ?? {}) as Values;
  const { rate = 0, max_concurrent = 0, ...pace } = (throttle ?? {}) as Values;
  const durable = schedule !== "default" && schedule !== "none";
  return {
    retries: schedule === "none" ? -1 : 0,
    ...(durable
      ? {
          durability: {
            enabled: true,
            schedule,
            ...(schedule === "custom" ? { custom_delays: (delays as readonly string[]).map(nsOf) } : {}),
            ...(deadline === "" ? {} : { deadline: nsOf(String(deadline)) }),
          },
        }
      : {}),
    throttle: {
      ...pace,
      enabled: rate !== 0 || max_concurrent !== 0,
      mode: rate === 0 && max_concurrent !== 0 ? "concurrency" : "rate",
      rate,
      max_concurrent,
    },
  };
}

function nsOf(duration: string): number {
  return (durationMs(duration) ?? 0) * NS_PER_MS;
}
