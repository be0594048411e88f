import type { Problem } from "./engine/problem.js";
import { UNKNOWN, type Values } from "./engine/value.js";
import { isEmpty, isGiven } from "./is-given.js";
import { verificationProblems } from "./verification-problems.js";

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
  verification: verificationProblems,
} as const;

export type CombinationName = keyof typeof COMBINATIONS;
