/**
 * Where a webhook goes: the destination of its output plus what the sender appended. What the sender wrote is never
 * normalised (`%2F`, `%7e`, `//`, `..` arrive as sent), and it can only ever become part of the path: the connection goes to
 * the destination's origin, whatever the path says.
 */
export interface Destination {
  /** Scheme, host and port in canonical form, as `URL.origin`. */
  readonly origin: string;
  readonly protocol: "http:" | "https:";
  /** Canonical; IPv6 addresses in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Path of the configuration as written; empty when there is none. */
  readonly path: string;
  /** Query of the configuration without question mark; empty when there is none. */
  readonly query: string;
  /** `Basic` credentials of the configuration's user information, or null. */
  readonly authorization: string | null;
  readonly lockPath: boolean;
}

const PATH_AND_QUERY = /^[a-z]+:[\\/]*[^\\/?#]*([^?#]*)(?:\?([^#]*))?/i;
const REQUEST_TARGET = /^[\x21-\x7e]*$/;

/** Reads an output's destination. Throws with a reason for people when it is not an absolute http or https URL. */
export function parseDestination(text: string, lockPath: boolean): Destination {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed))
    throw new Error(`"${withoutCredentials(text)}" is not an absolute URL such as http://localhost:3000/hooks`);
  const url = new URL(trimmed);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Error(
      `"${withoutCredentials(text)}" has the scheme ${url.protocol} where only http: and https: can be called`,
    );
  }
  const [, path = "", query = ""] = PATH_AND_QUERY.exec(trimmed) ?? [];
  const asWritten = REQUEST_TARGET.test(path) && !path.includes("\\") && (path === "" || path.startsWith("/"));
  return {
    origin: url.origin,
    protocol: url.protocol,
    hostname: url.hostname,
    port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
    path: asWritten ? path : url.pathname,
    query: REQUEST_TARGET.test(query) ? query : url.search.slice(1),
    authorization: url.username === "" && url.password === "" ? null : basic(url),
    lockPath,
  };
}

/** The request target (path and query) of one webhook. */
export function requestTarget(
  destination: Destination,
  sent: { readonly path: string; readonly query: string; readonly hasQuery: boolean },
): string {
  let target = destination.path;
  if (!destination.lockPath && sent.path !== "") {
    if (target.endsWith("/")) target = target.slice(0, -1);
    target += sent.path.startsWith("/") ? sent.path : `/${sent.path}`;
  }
  if (target === "") target = "/";
  if (destination.query === "") return sent.hasQuery || sent.query !== "" ? `${target}?${sent.query}` : target;
  return sent.query === "" ? `${target}?${destination.query}` : `${target}?${destination.query}&${sent.query}`;
}

function basic(url: URL): string {
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(credentials, "utf8").toString("base64")}`;
}

/** A destination for people and logs: without the user information, which may hold a password. */
export function withoutCredentials(destination: string): string {
  return destination.replace(/^([a-z]+:[\\/]*)[^\\/?#]*@/i, "$1");
}
