import { RelayError } from "../errors.js";
import { firstIdAt, isUuid } from "../ids.js";
import { STATUS_NAMES, statusNumber } from "./log-status.js";

/** Query parameters of GET /v1/logs. */
export interface LogQuery {
  readonly bucket?: string;
  readonly limit?: string;
  readonly offset?: string;
  readonly from?: string;
  readonly to?: string;
  readonly status?: string;
  readonly cursor?: string;
  /** Ours: `false` leaves the bodies out. */
  readonly body?: string;
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;
const EXAMPLE = "use 2026-01-31 or 2026-01-31T12:00:00Z";

/** A whole number parameter. Throws 400 naming it. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  range: { fallback: number; min: number; max: number },
): number {
  if (text === undefined || text === "") return range.fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < range.min || value > range.max) {
    throw new RelayError("invalid", `${name}: must be a whole number from ${range.min} to ${range.max}`);
  }
  return value;
}

/**
 * A moment as the first delivery id of it: a day (UTC) or RFC 3339. As the end of a range it is the first id behind it: a
 * bare day is inclusive. Throws 400.
 */
export function momentId(name: string, text: string | undefined, end: "start" | "end"): string | undefined {
  if (text === undefined || text === "") return undefined;
  const isDay = DAY.test(text);
  const ms = isDay || RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 2026-02-30 for a day in March.
  if (Number.isNaN(ms) || (isDay && new Date(ms).toISOString().slice(0, 10) !== text)) {
    throw new RelayError("invalid", `${name}: is not a day or a time; ${EXAMPLE}`);
  }
  return firstIdAt(end === "start" ? ms : ms + (isDay ? DAY_MS : 1));
}

/** Number of a status name; undefined for none given. Throws 400. */
export function statusFilter(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const number = statusNumber(text);
  if (number === undefined) throw new RelayError("invalid", `status: must be one of ${STATUS_NAMES.join(", ")}`);
  return number;
}

/** Opaque to clients: the id of the last row they have. */
export function encodeCursor(id: string): string {
  return Buffer.from(`1:${id}`).toString("base64url");
}

/** The id in a cursor; undefined for none given. Throws 400. */
export function decodeCursor(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const [version, id = ""] = Buffer.from(text, "base64url").toString("latin1").split(":");
  if (version !== "1" || !isUuid(id)) {
    throw new RelayError(
      "invalid",
      "cursor: is none of this server; use next_cursor of the page before, or leave it out",
    );
  }
  return id;
}

/** The earlier of two ends of a range. */
export function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
