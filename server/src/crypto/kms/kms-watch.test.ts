import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type KeyProblem, KeyUnavailableError } from "../key-unavailable-error.js";
import { KmsWatch } from "./kms-watch.js";

const HOUR_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

async function watched(graceMs = HOUR_MS) {
  const events: string[] = [];
  const state = { problem: undefined as KeyProblem | undefined, checks: 0 };
  const watch = new KmsWatch({
    check: async () => {
      state.checks += 1;
      if (state.problem !== undefined) throw new KeyUnavailableError(state.problem, "KMS_KEY: no");
    },
    graceMs,
    logger: pino({ level: "silent" }),
    onLocked: () => events.push("locked"),
    onRecovered: () => events.push("recovered"),
  });
  await watch.start(1_000);
  return { watch, state, events };
}

test("checks every minute while all is well", async () => {
  const { watch, state } = await watched();
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(state.checks).toBe(11);
  expect(watch.standing.kind).toBe("good");
  expect(() => watch.require()).not.toThrow();
});

test("an outage has the whole grace, counted from the check that passed last", async () => {
  const { watch, state, events } = await watched();
  state.problem = "away";
  await vi.advanceTimersByTimeAsync(61_000);
  expect(watch.standing.kind).toBe("grace");
  expect(() => watch.require()).toThrow("KMS_KEY: no");
  await vi.advanceTimersByTimeAsync(HOUR_MS - 63_000);
  expect(events).toEqual([]);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events).toEqual(["locked"]);
  expect(watch.standing.kind).toBe("locked");
  state.problem = undefined;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(events).toEqual(["locked", "recovered"]);
  expect(watch.standing.kind).toBe("good");
});

test("threat: a revoked key goes on being used: a refusal that lasts a minute ends it, an outage in between or not", async () => {
  const { watch, state, events } = await watched();
  state.problem = "refused";
  watch.suspect();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(watch.standing).toMatchObject({ kind: "grace" });
  state.problem = "away";
  await vi.advanceTimersByTimeAsync(31_000);
  expect(events).toEqual(["locked"]);
});

test("one wrong refusal stops nothing", async () => {
  const { watch, state, events } = await watched();
  state.problem = "refused";
  watch.suspect();
  await vi.advanceTimersByTimeAsync(4_000);
  state.problem = undefined;
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(events).toEqual(["recovered"]);
});

test("a call that failed brings the check forward; in an outage it is made every five seconds", async () => {
  const { watch, state } = await watched();
  watch.suspect();
  watch.suspect();
  await vi.advanceTimersByTimeAsync(0);
  expect(state.checks).toBe(2);
  state.problem = "away";
  watch.suspect();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(state.checks).toBe(7);
  watch.suspect();
  await vi.advanceTimersByTimeAsync(0);
  expect(state.checks).toBe(7);
});

test("a start waits for a while when the key is away, and not at all when it is refused", async () => {
  let problem: KeyProblem = "refused";
  let checks = 0;
  const watch = new KmsWatch({
    check: async () => {
      checks += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new KeyUnavailableError(problem, "KMS_KEY: no");
    },
    graceMs: HOUR_MS,
    logger: pino({ level: "silent" }),
    onLocked: () => {},
    onRecovered: () => {},
  });
  const refused = expect(watch.start(1_000)).rejects.toMatchObject({ kind: "refused" });
  await vi.advanceTimersByTimeAsync(200);
  await refused;
  expect(checks).toBe(1);
  problem = "away";
  const away = expect(watch.start(1_000)).rejects.toMatchObject({ kind: "away" });
  await vi.advanceTimersByTimeAsync(2_000);
  await away;
  expect(checks).toBeGreaterThan(5);
});
