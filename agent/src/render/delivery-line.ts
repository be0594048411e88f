import { Outcome } from "@relay/server/wire";
import type { ForwardReport } from "../forward/forwarder.js";
import type { Colours } from "./colour.js";
import { printable } from "./printable.js";

/** One line for people: time, method, path, status, milliseconds, bytes, attempt, and why when it failed. */
export function deliveryLine(report: ForwardReport, at: Date, colours: Colours): string {
  const time = at.toTimeString().slice(0, 8);
  const method = printable(report.method || "-").padEnd(4);
  const path = printable(report.path || "/");
  const facts = `${report.durationMs} ms ${report.bytes} B #${report.attempt}`;
  const why = report.error === "" ? "" : ` ${printable(report.error)}`;
  return `${colours.dim(time)} ${method} ${path} ${statusText(report, colours)} ${colours.dim(facts)}${why}`;
}

/** The same as one JSON object. */
export function deliveryJson(report: ForwardReport, at: Date): string {
  return JSON.stringify({
    event: "delivery",
    time: at.toISOString(),
    delivery_id: report.deliveryId,
    bucket: report.bucket,
    output: report.output,
    destination: report.destination,
    method: report.method,
    path: report.path,
    bytes: report.bytes,
    outcome: outcomeName(report.outcome),
    status: report.status,
    duration_ms: report.durationMs,
    attempt: report.attempt,
    tries: report.tries,
    ...(report.error === "" ? {} : { error: report.error }),
  });
}

/** Lower-case word for an outcome. */
export function outcomeName(outcome: Outcome): string {
  switch (outcome) {
    case Outcome.OUTCOME_DELIVERED:
      return "delivered";
    case Outcome.OUTCOME_FAILED:
      return "failed";
    case Outcome.OUTCOME_UNREACHABLE:
      return "unreachable";
    case Outcome.OUTCOME_BLOCKED:
      return "blocked";
    case Outcome.OUTCOME_RETURNED:
      return "returned";
    default:
      return "unknown";
  }
}

function statusText(report: ForwardReport, colours: Colours): string {
  if (report.outcome === Outcome.OUTCOME_DELIVERED) return colours.green(String(report.status));
  if (report.status >= 300 && report.status < 500) return colours.yellow(String(report.status));
  return colours.red(report.status === 0 ? outcomeName(report.outcome) : String(report.status));
}
