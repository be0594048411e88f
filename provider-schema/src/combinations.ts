import type { Problem } from "./engine/problem.js";
import { UNKNOWN, type Values } from "./engine/value.js";
import { isEmpty, isGiven } from "./is-given.js";
import { signingSecretProblem } from "./templates/signing-secret.js";
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
  order: keyProblems,
  deduplication: keyProblems,
  /** A certificate and its key show one identity. */
  tls: (tls: Values): Problem[] => {
    const certificate = isGiven(tls, "client_certificate");
    if (certificate === isGiven(tls, "client_key")) return [];
    const [missing, given] = certificate ? ["client_key", "client_certificate"] : ["client_certificate", "client_key"];
    return [{ path: [missing ?? ""], message: `is required with ${given}`, hint: "give both, or neither" }];
  },
  /** What is shown to a destination. A secret of another type may be left over: nobody can take it back. */
  authentication: (authentication: Values): Problem[] => {
    const { type } = authentication;
    if (type === UNKNOWN) return [];
    const needed =
      { basic: ["username", "password"], bearer: ["token"], header: ["header", "token"] }[String(type)] ?? [];
    return [...missing(authentication, needed), ...meaningless(authentication, ["username", "header"], needed)];
  },
  signing: (signing: Values): Problem[] => {
    const { type, secret, previous_secret: previous } = signing;
    if (type === UNKNOWN) return [];
    const own = type === "hmac" ? ["secret", "header"] : ["secret"];
    const taken = type === "hmac" ? [...own, "prefix"] : own;
    const problems = [...missing(signing, own), ...meaningless(signing, ["header", "prefix"], taken)];
    if (type !== "standard-webhooks") return problems;
    for (const [name, value] of Object.entries({ secret, previous_secret: previous })) {
      const problem =
        typeof value === "string" && value !== "" && value !== KEPT_SECRET ? signingSecretProblem(value) : undefined;
      if (problem !== undefined) problems.push({ path: [name], message: problem });
    }
    return problems;
  },
} as const;

/** Stands for a secret that the server has and does not show: what is in it was right when it was given. */
export const KEPT_SECRET = "(kept)";

export type CombinationName = keyof typeof COMBINATIONS;

/** A key that lies in a header or in the payload has a name, and no other. */
function keyProblems({ by = "none", name }: Values): Problem[] {
  if (by === UNKNOWN || name === UNKNOWN) return [];
  const named = by === "header" || by === "payload";
  if (named === !isEmpty(name)) return [];
  return named
    ? [{ path: ["name"], message: `is required when by is ${JSON.stringify(by)}` }]
    : [{ path: ["name"], message: `means nothing when by is ${JSON.stringify(by)}`, hint: "leave it out" }];
}

function missing(values: Values, names: readonly string[]): Problem[] {
  return names
    .filter((name) => !isGiven(values, name))
    .map((name) => ({ path: [name], message: `is required when type is ${JSON.stringify(values.type)}` }));
}

/** Of the names, those that are given and belong to another type. */
function meaningless(values: Values, names: readonly string[], own: readonly string[]): Problem[] {
  return names
    .filter((name) => isGiven(values, name) && !own.includes(name))
    .map((name) => ({
      path: [name],
      message: `means nothing when type is ${JSON.stringify(values.type)}`,
      hint: "leave it out",
    }));
}
