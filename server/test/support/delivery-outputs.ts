import type { FaultMenu } from "./fault-menu.js";

/** What the outputs of a round are called; the fault menu has a place for each. */
export const OUTPUT_NAMES = [
  "default",
  "retried",
  "pair",
  "paced",
  "ordered",
  "keyed",
  "picky",
  "changed",
  "ephemeral",
] as const;
export type OutputName = (typeof OUTPUT_NAMES)[number];

/** Most calls of `pair` at a time. */
export const PAIR = 2;
/** Calls of `paced` per second. */
export const PACE = 40;
/** Webhooks of this key are not for `picky`. */
export const UNWANTED_KEY = "b";
export const KEYS = ["a", UNWANTED_KEY, "c"] as const;
export type Key = (typeof KEYS)[number];
/** What the function puts behind the body. */
export const MARK = "changed";

const SOON = { schedule: "custom", delays: ["50ms", "100ms", "200ms", "300ms", "300ms", "300ms"] };

/** The settings of each output; `functionId` is that of a function that appends `MARK`. */
export function outputSettings(name: OutputName, functionId: string): object {
  switch (name) {
    case "default":
      return {};
    case "pair":
      return { retry: SOON, throttle: { max_concurrent: PAIR } };
    case "paced":
      return { retry: SOON, throttle: { rate: PACE, interval: "second" } };
    case "ordered":
      return { retry: SOON, order: { by: "output" } };
    case "keyed":
      return { retry: SOON, order: { by: "payload", name: "key" } };
    case "picky": {
      const parameter = { source: "payload", name: "key" };
      return { retry: SOON, rules: { not: [{ match: { type: "value", parameter, value: UNWANTED_KEY } }] } };
    }
    case "changed":
      return { retry: SOON, function_id: functionId };
    default:
      return { retry: SOON };
  }
}

/** Where an output of a round is served: places of different rounds are different places. */
export const placeOf = (round: string, name: OutputName) => `${round}-${name}`;

/** Every request an output of a round had, in the order of their arrival. */
export function seenBy(menu: FaultMenu, round: string, name: OutputName) {
  const path = `/at/${placeOf(round, name)}`;
  return menu.requests.filter(({ url }) => url === path);
}
