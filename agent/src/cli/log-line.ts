import type { ApiLog } from "../api/objects.js";
import type { Colours } from "../render/colour.js";
import { printable } from "../render/printable.js";

/** One delivery on one line. */
export function logLine(row: ApiLog, colours: Colours): string {
  const time = new Date(row.created_at * 1000).toISOString().replace("T", " ").slice(0, 19);
  const query = row.raw_query === undefined || row.raw_query === "" ? "" : `?${row.raw_query}`;
  const target = printable(`${row.extra_path || "/"}${query}`);
  const code = row.status_code === undefined || row.status_code === 0 ? "" : ` ${row.status_code}`;
  const took = row.duration_ms === undefined ? "" : ` ${row.duration_ms} ms`;
  const why = row.error === undefined || row.error === "" ? "" : ` ${printable(row.error)}`;
  return `${colours.dim(time)} ${row.id} ${printable(row.method).padEnd(4)} ${target} ${paint(row.status, colours)}${code}${colours.dim(took)}${why}`;
}

function paint(status: string, colours: Colours): string {
  if (status === "sent") return colours.green(status);
  return status === "failed" || status === "rejected" || status === "stalled"
    ? colours.red(status)
    : colours.yellow(status);
}
