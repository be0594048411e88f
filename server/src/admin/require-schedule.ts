import { RelayError } from "../errors.js";

/** Throws 400 when there is no schedule. */
export function requireSchedule(schedule: string | undefined): string {
  if (schedule === undefined) throw new RelayError("invalid", 'schedule: is required; for example "30 6 * * 1-5"');
  return schedule;
}
