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
} as const;

export type CombinationName = keyof typeof COMBINATIONS;

/** As itself, or as the write-only twin that Terraform has of a secret. */
function isGiven(values: Values, name: string): boolean {
  return !isEmpty(values[name]) || !isEmpty(values[`${name}_wo`]);
}

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || value === "";
}
