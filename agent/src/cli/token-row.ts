import type { ApiToken } from "../api/objects.js";
import { describeDuration } from "../render/describe-duration.js";

export const TOKEN_HEADING = [
  "NAME",
  "KEY",
  "SECRET AGE",
  "LAST USE",
  "EXPIRES",
  "OLD SECRET",
  "API ACCESS",
  "BUCKETS",
];

/** A token as a row of `relay token ls`. `now` in Unix milliseconds. */
export function tokenRow(token: ApiToken, now: number): string[] {
  const present = token.secrets?.find(({ current }) => current);
  const old = token.secrets?.find(({ current }) => !current);
  const since = (seconds: number): string => describeDuration(Math.max(0, now - seconds * 1000));
  const ago = (seconds: number | null | undefined): string =>
    typeof seconds === "number" ? `${since(seconds)} ago` : "never";
  return [
    token.name || token.description || "-",
    token.id,
    present === undefined ? "-" : since(present.created_at),
    ago(present?.last_used_at),
    expiry(token.expires_at ?? 0, now),
    old === undefined
      ? "-"
      : `${describeDuration(Math.max(0, (old.valid_until ?? 0) * 1000 - now))} left, used ${ago(old.last_used_at)}`,
    token.active === false ? "inactive" : (token.api_access ?? ""),
    (token.scopes?.buckets ?? []).join(",") || "all",
  ];
}

function expiry(seconds: number, now: number): string {
  if (seconds === 0) return "never";
  return seconds * 1000 <= now ? "expired" : `in ${describeDuration(seconds * 1000 - now)}`;
}
