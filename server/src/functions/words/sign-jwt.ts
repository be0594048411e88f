import { GuestMistake } from "../guest-mistake.js";
import type { GuestValue } from "../guest-value.js";
import { jwtKey } from "./jwt-key.js";
import {
  algOption,
  type JwtMap,
  jwtMap,
  jwtOptions,
  MAX_TOKEN,
  mapJson,
  secondsOption,
  timeClaim,
} from "./jwt-values.js";

/** Fields of the header that say how a token is read: nobody but us sets them. */
const OURS = ["alg", "crit", "b64"];

/**
 * A token with these claims (JSON), signed with a key (RFC 7515, compact form). Options: `alg`, `expiresIn`, and `header` with more
 * fields such as `kid`. `iat` is `now`, in seconds since 1970, when the claims have none.
 */
export function signJwt([claims, key, options]: readonly GuestValue[], now: number): string {
  const given = jwtOptions(options, ["alg", "expiresIn", "header"]);
  const signer = jwtKey(key, algOption(given), "sign");
  const header = { alg: signer.alg, typ: "JWT", ...headerOption(given) };
  const payload = dated(jwtMap(claims, "the claims"), { now, lifetime: secondsOption(given.expiresIn, "expiresIn") });
  const input = `${encoded(header)}.${encoded(payload)}`;
  const token = `${input}.${signer.sign(input).toString("base64url")}`;
  if (token.length > MAX_TOKEN) throw new GuestMistake(`the token would have more than ${MAX_TOKEN >> 10} KiB`);
  return token;
}

function dated(
  claims: JwtMap,
  { now, lifetime }: { readonly now: number; readonly lifetime: number | undefined },
): JwtMap {
  const issued = timeClaim(claims, "iat") ?? Math.floor(now);
  timeClaim(claims, "nbf");
  const ends = timeClaim(claims, "exp");
  if (lifetime === undefined) return { ...claims, iat: issued };
  if (ends !== undefined) throw new GuestMistake("the claims have exp already: leave out the option expiresIn");
  return { ...claims, iat: issued, exp: Math.floor(now + lifetime) };
}

function headerOption({ header = {} }: JwtMap): JwtMap {
  if (Array.isArray(header) && header.length === 0) return {};
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new GuestMistake('the option header is no map, such as { kid: "2026" }');
  }
  const ours = OURS.find((name) => Object.hasOwn(header, name));
  if (ours === undefined) return header as JwtMap;
  throw new GuestMistake(`the option header cannot set ${ours}${ours === "alg" ? ": give the option alg" : ""}`);
}

function encoded(value: JwtMap): string {
  return Buffer.from(mapJson(value, "the claims")).toString("base64url");
}
