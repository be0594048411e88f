export type Credentials =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  /** A scheme we do not know, or a value that is not what the scheme says. */
  | { readonly kind: "malformed" };

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const NONE: Credentials = { kind: "none" };
const MALFORMED: Credentials = { kind: "malformed" };

/** Longest header value that is looked at, in characters. */
const MAX_LENGTH = 4_096;

/** Reads an `Authorization` header: Basic (RFC 7617, UTF-8) or Bearer (RFC 6750). The scheme's case does not matter. */
export function parseCredentials(authorization: string | undefined): Credentials {
  if (authorization === undefined) return NONE;
  if (authorization.length > MAX_LENGTH) return MALFORMED;
  const space = authorization.indexOf(" ");
  if (space < 0) return MALFORMED;
  const value = authorization.slice(space + 1).trim();
  switch (authorization.slice(0, space).toLowerCase()) {
    case "basic":
      return basic(value);
    case "bearer":
      return value === "" ? MALFORMED : { kind: "bearer", token: value };
    default:
      return MALFORMED;
  }
}

function basic(value: string): Credentials {
  if (!BASE64.test(value)) return MALFORMED;
  const text = Buffer.from(value, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return MALFORMED;
  return { kind: "basic", username: text.slice(0, colon), password: text.slice(colon + 1) };
}
