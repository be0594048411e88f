/** Names of the statuses of the public API; the position is the number in the database. */
export const STATUS_NAMES = ["preparing", "sent", "failed", "stalled", "received", "rejected"] as const;

export type StatusName = (typeof STATUS_NAMES)[number];

/** The number of a status name, or undefined when there is none of this name. */
export function statusNumber(name: string): number | undefined {
  const number = (STATUS_NAMES as readonly string[]).indexOf(name);
  return number < 0 ? undefined : number;
}

/** The name of a status number. */
export function statusName(number: number): StatusName {
  return STATUS_NAMES[number] ?? "preparing";
}
