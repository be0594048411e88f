import type { Problem } from "./engine/problem.js";
import { UNKNOWN, type Value, type Values } from "./engine/value.js";

/** Rules on the attributes of one object that are right each by itself. What is unknown yet is right. */
export const COMBINATIONS = {
  /** Each kind of authentication has attributes of its own. */
  auth: (auth: Values): Problem[] => {
    const type = auth.type ?? "none";
    if (type === UNKNOWN) return [];
    const problems: Problem[] = [];
    for (const [name, belongsTo] of Object.entries({ username: "basic", password: "basic", token: "token" })) {
      if (type !== belongsTo && isGiven(auth, name)) {
        const hint = `leave it out, or set type to "${belongsTo}"`;
        problems.push({ path: [name], message: `means nothing when type is ${JSON.stringify(type)}`, hint });
      }
    }
    if (type === "basic" && isEmpty(auth.username)) {
      problems.push({ path: ["username"], message: 'is required when type is "basic"' });
    }
    return problems;
  },
  /** Delays belong to a custom schedule, and make it. */
  retry: (retry: Values): Problem[] => {
    const { schedule = "default", delays = [] } = retry;
    if (schedule === UNKNOWN || delays === UNKNOWN || !Array.isArray(delays ?? [])) return [];
    const count = Array.isArray(delays) ? delays.length : 0;
    if (schedule === "custom" && count === 0) {
      return [{ path: ["delays"], message: 'is required when schedule is "custom"', hint: 'for example ["5s", "1m"]' }];
    }
    if (schedule !== "custom" && count > 0) {
      const hint = 'leave it out, or set schedule to "custom"';
      return [{ path: ["delays"], message: `means nothing when schedule is ${JSON.stringify(schedule)}`, hint }];
    }
    return [];
  },
  /** A key has a name. */
  order: ({ by = "none", name }: Values): Problem[] => {
    if (by === UNKNOWN || name === UNKNOWN) return [];
    const keyed = by === "header" || by === "payload";
    if (keyed === !isEmpty(name)) return [];
    return keyed
      ? [{ path: ["name"], message: `is required when by is ${JSON.stringify(by)}` }]
      : [{ path: ["name"], message: `means nothing when by is ${JSON.stringify(by)}`, hint: "leave it out" }];
  },
} as const;

export type CombinationName = keyof typeof COMBINATIONS;

/** As itself, or as the write-only twin that Terraform has of a secret. */
function isGiven(values: Values, name: string): boolean {
  return !isEmpty(values[name]) || !isEmpty(values[`${name}_wo`]);
}

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || value === "";
}
