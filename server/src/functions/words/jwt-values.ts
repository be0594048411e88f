import { durationMs } from "@relay/provider-schema/duration-ms";
import { GuestMistake } from "../guest-mistake.js";
import { type GuestValue, text } from "../guest-value.js";

/** Longest token, in characters. */
export const MAX_TOKEN = 16 << 10;

export type JwtMap = Readonly<Record<string, unknown>>;

/** A map that came as JSON from the guest. An empty table of Lua comes as an empty list. */
export function jwtMap(value: GuestValue, what: string): JwtMap {
  const given = text(value, what);
  if (given.length > MAX_TOKEN) throw new GuestMistake(`${what} have more than ${MAX_TOKEN >> 10} KiB`);
  const map = given === "[]" ? {} : readMap(given);
  if (map === undefined) throw new GuestMistake(`${what} are no map, such as { sub: "7" }`);
  return map;
}

/** The map in a text of JSON; undefined when there is none. */
export function readMap(json: string): JwtMap | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JwtMap) : undefined;
  } catch {
    return undefined;
  }
}

/** The JSON of a map; what is nested without end has none. */
export function mapJson(map: JwtMap, what: string): string {
  try {
    return JSON.stringify(map);
  } catch {
    throw new GuestMistake(`${what} cannot be written as JSON: nested too deep`);
  }
}

/** Options by name: refuses what is none of `names`, since a check that is misspelt is one that is not made. */
export function jwtOptions(value: GuestValue, names: readonly string[]): JwtMap {
  const options = value === undefined ? {} : jwtMap(value, "the options");
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return options;
  throw new GuestMistake(`there is no option ${JSON.stringify(unknown.slice(0, 40))}; there are ${names.join(", ")}`);
}

/** `alg`, when it is given. */
export function algOption({ alg }: JwtMap): string | undefined {
  if (alg === undefined || typeof alg === "string") return alg;
  throw new GuestMistake('the option alg is no text such as "HS256"');
}

/** Seconds of an option that is a number of them, or a duration such as `5m`; undefined without it. */
export function secondsOption(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined;
  const seconds = typeof value === "string" && value.length <= 100 ? (durationMs(value) ?? Number.NaN) / 1_000 : value;
  if (typeof seconds === "number" && seconds >= 0 && seconds <= Number.MAX_SAFE_INTEGER) return seconds;
  throw new GuestMistake(`the option ${name} is no duration: write it as "1h30m", or in seconds`);
}

/** A claim that is a time (RFC 7519, section 2, "NumericDate"); undefined without it. */
export function timeClaim(claims: JwtMap, name: "exp" | "nbf" | "iat"): number | undefined {
  const value = claims[name];
  if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
  throw new GuestMistake(`the claim ${name} is no number of seconds since 1970`);
}
