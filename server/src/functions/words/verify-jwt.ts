import { GuestMistake } from "../guest-mistake.js";
import { bytes, type GuestValue, text } from "../guest-value.js";
import { jwtKey } from "./jwt-key.js";
import {
  algOption,
  type JwtMap,
  jwtOptions,
  MAX_TOKEN,
  mapJson,
  readMap,
  secondsOption,
  timeClaim,
} from "./jwt-values.js";

/**
 * The claims (JSON) of a token that was signed with this key, has begun and has not expired at `now` (seconds since 1970), and is
 * for us (RFC 7519, section 7.2; RFC 8725). Options: `alg`, `audience`, `issuer`, `leeway`. Throws a GuestMistake that says which
 * check failed, and quotes nothing of the token.
 */
export function verifyJwt([token, key, options]: readonly GuestValue[], now: number): string {
  const given = jwtOptions(options, ["alg", "audience", "issuer", "leeway"]);
  const verifier = jwtKey(key, algOption(given), "verify");
  if (bytes(token, "the token").length > MAX_TOKEN) {
    throw new GuestMistake(`the token has more than ${MAX_TOKEN >> 10} KiB`);
  }
  const [header, payload, signature, input] = partsOf(text(token, "the token"));
  const fields = readMap(header.toString("utf8"));
  if (fields === undefined) throw noToken();
  if (fields.alg !== verifier.alg) throw new GuestMistake(`the token is not signed by ${verifier.alg}, as it must be`);
  // RFC 7515, section 4.1.11: what we do not know must not be passed over.
  if (fields.crit !== undefined)
    throw new GuestMistake("the token asks for extensions (crit), and there are none here");
  if (!verifier.verify(input, signature))
    throw new GuestMistake("the token has another signature: it was changed, or signed with another key");
  const claims = readMap(payload.toString("utf8"));
  if (claims === undefined) throw noToken();
  checkTimes(claims, { now, leeway: secondsOption(given.leeway, "leeway") ?? 0 });
  checkAudience(claims, textsOption(given.audience, "audience"));
  const issuers = textsOption(given.issuer, "issuer");
  if (issuers !== undefined && !issuers.some((one) => one === claims.iss))
    throw new GuestMistake("the token has another issuer");
  // What was checked, and not the text that it was read from, which may name a claim twice.
  return mapJson(claims, "the token");
}

function partsOf(token: string): [header: Buffer, payload: Buffer, signature: Buffer, input: string] {
  const [header = "", payload = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0) throw noToken();
  return [decoded(header), decoded(payload), decoded(signature), `${header}.${payload}`];
}

/** Base64url in the one form that encoders write: no padding, no characters that count for nothing. */
function decoded(part: string): Buffer {
  const found = Buffer.from(part, "base64url");
  if (part === "" || found.toString("base64url") !== part) throw noToken();
  return found;
}

function checkTimes(claims: JwtMap, { now, leeway }: { readonly now: number; readonly leeway: number }): void {
  timeClaim(claims, "iat");
  const ends = timeClaim(claims, "exp");
  if (ends !== undefined && now >= ends + leeway) throw new GuestMistake("the token has expired");
  const begins = timeClaim(claims, "nbf");
  if (begins !== undefined && now < begins - leeway) throw new GuestMistake("the token is not valid yet");
}

/** RFC 7519, section 4.1.3: a token that names audiences is only for those. */
function checkAudience({ aud }: JwtMap, ours: readonly string[] | undefined): void {
  if (aud === undefined && ours === undefined) return;
  if (ours === undefined) throw new GuestMistake("the token is for an audience: give yours as the option audience");
  const theirs: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!ours.some((one) => theirs.includes(one))) throw new GuestMistake("the token is for another audience");
}

function textsOption(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length > 0 && all.every((one) => typeof one === "string" && one !== "")) return all as readonly string[];
  throw new GuestMistake(`the option ${name} is no text, nor a list of texts`);
}

function noToken(): GuestMistake {
  return new GuestMistake("the token is none: three parts of base64url with JSON, joined by points");
}
