import { expect, test } from "vitest";
import { readEventLoopDelay } from "./event-loop-delay.js";

test("the server's own measurement is preferred, prom-client's taken else", () => {
  const common = "# TYPE nodejs_eventloop_lag_p99_seconds gauge\nnodejs_eventloop_lag_p99_seconds 0.02\n";
  expect(readEventLoopDelay(common)).toBe(0.02);
  const own =
    'relay_event_loop_delay_seconds{quantile="0.5"} 0.001\nrelay_event_loop_delay_seconds{quantile="0.99"} 0.004\n';
  expect(readEventLoopDelay(common + own)).toBe(0.004);
  expect(() => readEventLoopDelay("up 1\n")).toThrow("event-loop delay");
});
