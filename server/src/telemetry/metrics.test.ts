import { expect, test } from "vitest";
import { Metrics } from "./metrics.js";

function observed(
  deliveryCounts: () => Promise<{ waiting: number; held: number; scheduled: number; oldestSeconds: number }>,
): Metrics {
  const metrics = new Metrics();
  metrics.observe({
    agents: () => 3,
    agentsOnOldSecret: () => 1,
    queued: () => 4,
    pendingBytes: () => 5,
    ephemeralBytes: () => 6,
    waitingForDatabase: () => 2,
    openCircuits: () => 0,
    waitingSenders: () => 0,
    keysToRewrap: () => 0,
    deliveryCounts,
    manifestDrift: async () => new Map(),
  });
  return metrics;
}

const line = (text: string, start: string) => text.split("\n").find((each) => each.startsWith(start));

test("what is counted on the hot path and asked at scrape time is in the text", async () => {
  const metrics = observed(async () => ({ waiting: 7, held: 8, scheduled: 3, oldestSeconds: 9.5 }));
  metrics.received(100, 0.002);
  metrics.received(50, 0.2);
  metrics.refused(429);
  metrics.batch(2, 0.001);
  const text = await metrics.text();
  for (const expected of [
    "relay_webhooks_received_total 2",
    "relay_webhook_body_bytes_total 150",
    'relay_webhooks_refused_total{status="429"} 1',
    "relay_commit_batch_size_sum 2",
    "relay_agents 3",
    "relay_deliveries_queued 4",
    "relay_ingest_pending_bytes 5",
    "relay_ephemeral_bytes 6",
    "relay_database_waiting 2",
    'relay_deliveries_unfinished{state="waiting"} 7',
    'relay_deliveries_unfinished{state="held"} 8',
    "relay_queue_age_seconds 9.5",
  ]) {
    expect(text.split("\n")).toContain(expected);
  }
  expect(line(text, 'relay_event_loop_delay_seconds{quantile="0.99"}')).toBeDefined();
});

test("a database that is away does not fail the scrape", async () => {
  const metrics = observed(() => Promise.reject(new Error("away")));
  expect(line(await metrics.text(), "relay_agents ")).toBe("relay_agents 3");
});
