import type { CallResult } from "./destination-call.js";

const MOST_LOCATION_CHARACTERS = 300;

/**
 * Why an answer that came did not deliver, for people; empty when its status says it all (4xx, 5xx). A redirect is not
 * followed: it would carry the webhook to an address that nobody configured and that no allow list has seen.
 */
export function refusedAnswer({ status, headers }: Pick<CallResult, "status" | "headers">, origin: string): string {
  if (status >= 400) return "";
  const location = locationIn(headers);
  if (location === null) return `answered ${status}: only 2xx counts as delivered`;
  return `redirect to ${absolute(location, origin).slice(0, MOST_LOCATION_CHARACTERS)}; set the destination to it`;
}

function locationIn(headers: readonly Buffer[]): string | null {
  const at = headers.findIndex(
    (name, index) => index % 2 === 0 && name.toString("latin1").toLowerCase() === "location",
  );
  const location = at === -1 ? "" : (headers[at + 1]?.toString("latin1").trim() ?? "");
  return location === "" ? null : location;
}

/** A destination is an absolute URL; most redirects of a service to itself name a path. */
function absolute(location: string, origin: string): string {
  return URL.canParse(location, origin) ? new URL(location, origin).href : location;
}
