import type { ApiCron } from "../api/objects.js";

export const CRON_HEADING = ["ID", "NAME", "SCHEDULE", "TIME ZONE", "ENABLED", "NEXT RUN"];

/** A cron as a row of `relay cron ls`. */
export function cronRow({ id, name, schedule, timezone = "UTC", enabled = true, next_run }: ApiCron): string[] {
  return [id, name, schedule, timezone, enabled ? "yes" : "no", localTime(next_run)];
}

/** A time of the API in the time zone of this machine, to the second and with its offset; `-` for none. */
export function localTime(text: string | null | undefined): string {
  const at = new Date(text ?? "");
  if (Number.isNaN(at.getTime())) return "-";
  const offset = -at.getTimezoneOffset();
  const local = new Date(at.getTime() + offset * 60_000).toISOString();
  const minutes = Math.abs(offset);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
