import type { Problem } from "./engine/problem.js";
import { UNKNOWN, type Value, type Values } from "./engine/value.js";
import { isEmpty, isGiven } from "./is-given.js";

const SECRETS = ["secret", "previous_secret"];
const HMAC = ["algorithm", "encoding", "header", "prefix", "timestamp_header", "signed_content"];

/** Types that have each attribute. */
const TYPES_WITH: Readonly<Record<string, readonly string[]>> = {
  tolerance: ["stripe", "slack", "standard-webhooks", "hmac"],
  url: ["twilio"],
  ...Object.fromEntries(HMAC.map((name) => [name, ["hmac"]])),
};

/** What is wrong with the attributes of `verification` together. Says nothing of what a secret is. */
export function verificationProblems(verification: Values): Problem[] {
  const type = verification.type ?? "none";
  if (type === UNKNOWN) return [];
  const problems: Problem[] = [];
  for (const name of type === "none" ? [...SECRETS, "previous_secret_until"] : []) {
    if (isGiven(verification, name)) problems.push(meaningless(name, type, "leave it out, or set another type"));
  }
  for (const [name, types] of Object.entries(TYPES_WITH)) {
    if (types.includes(String(type)) || !isGiven(verification, name)) continue;
    problems.push(meaningless(name, type, `leave it out, or set type to ${types.map(quoted).join(", ")}`));
  }
  if (type === "none") return problems;
  if (!isGiven(verification, "secret")) {
    problems.push({ path: ["secret"], message: `is required when type is ${quoted(String(type))}` });
  }
  if (type === "standard-webhooks") problems.push(...SECRETS.flatMap((name) => keyProblems(name, verification[name])));
  if (type === "hmac") problems.push(...hmacProblems(verification));
  return problems;
}

function meaningless(name: string, type: Value, hint: string): Problem {
  return { path: [name], message: `means nothing when type is ${quoted(String(type))}`, hint };
}

function keyProblems(name: string, secret: Value | undefined): Problem[] {
  if (typeof secret !== "string" || secret === "" || /^(?:whsec_)?[A-Za-z0-9+/]{2,}={0,2}$/.test(secret)) return [];
  return [{ path: [name], message: 'must be "whsec_" and base64, as the sender shows it' }];
}

function hmacProblems(verification: Values): Problem[] {
  const { header, timestamp_header: time, signed_content: content, tolerance } = verification;
  const problems: Problem[] = [];
  if (isEmpty(header)) problems.push({ path: ["header"], message: 'is required when type is "hmac"' });
  const timed = !isEmpty(time);
  if (!timed && !isEmpty(tolerance)) {
    problems.push({ path: ["tolerance"], message: "means nothing without timestamp_header" });
  }
  if (time === UNKNOWN || typeof content !== "string" || content === "") return problems;
  const at = ["signed_content"];
  const places = content.match(/\{[^{}]*\}/g) ?? [];
  const count = (place: string) => places.filter((each) => each === place).length;
  const other = places.find((place) => place !== "{body}" && place !== "{timestamp}");
  if (other !== undefined) {
    problems.push({ path: at, message: `has ${quoted(other)}, but there are {body} and {timestamp} only` });
  }
  // What is not signed proves nothing.
  if (count("{body}") !== 1) problems.push({ path: at, message: "must have {body} in it once" });
  if (count("{timestamp}") !== (timed ? 1 : 0)) {
    const message = timed ? "must have {timestamp} in it once, or the time could be changed by anybody" : undefined;
    problems.push({ path: at, message: message ?? "has {timestamp}, but there is no timestamp_header" });
  }
  return problems;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
