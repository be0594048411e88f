/** Microseconds of the machine's monotonic clock: the same clock in every process of one machine. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
