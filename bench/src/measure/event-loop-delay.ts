/**
 * Seconds of event-loop delay that 99 % of the samples since the last scrape stay below, from a server's `/metrics`:
 * its own `relay_event_loop_delay_seconds`, or what prom-client measures for every Node process.
 */
export async function eventLoopDelayP99(statusUrl: string): Promise<number> {
  const response = await fetch(`${statusUrl}/metrics`);
  if (!response.ok) throw new Error(`${statusUrl}/metrics answered ${response.status}`);
  return readEventLoopDelay(await response.text());
}

/** Reads the figure from a Prometheus text. */
export function readEventLoopDelay(text: string): number {
  const value =
    /^relay_event_loop_delay_seconds\{[^}]*quantile="0\.99"[^}]*\} (\S+)$/m.exec(text)?.[1] ??
    /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1];
  if (value === undefined) throw new Error("/metrics has no event-loop delay");
  return Number(value);
}
