import { expect, test } from "vitest";
import { Circuit } from "./circuit.js";

const failure = (webhookId: string, unreached = false) => ({
  webhookId,
  unreached,
  reason: "answers 500",
  retryAfterMs: undefined,
});

function opened(nowMs: number, unreached = false): Circuit {
  const circuit = new Circuit();
  for (let i = 0; i < 10; i += 1) circuit.failed(failure(`w${i}`, unreached), nowMs);
  return circuit;
}

test("opens after ten failures in a row of five webhooks, not before", () => {
  const circuit = new Circuit();
  for (let i = 0; i < 9; i += 1) expect(circuit.failed(failure(`w${i}`), 0)).toBe(false);
  expect(circuit.failed(failure("w9"), 0)).toBe(true);
  expect(circuit.state).toEqual({ kind: "open", openedAtMs: 0, probeAtMs: 1_000, reason: "answers 500" });
});

test("one webhook that nobody can take does not open it, however often it is tried", () => {
  const circuit = new Circuit();
  for (let i = 0; i < 100; i += 1) expect(circuit.failed(failure("poison"), i)).toBe(false);
});

test("a success in between starts the count anew", () => {
  const circuit = new Circuit();
  for (let i = 0; i < 9; i += 1) circuit.failed(failure(`w${i}`), 0);
  expect(circuit.succeeded()).toBe(false);
  for (let i = 0; i < 9; i += 1) expect(circuit.failed(failure(`w${i}`), 0)).toBe(false);
});

test("an unreachable destination is probed every second, for as long as it takes", () => {
  const circuit = opened(0, true);
  for (let now = 1_000; now < 3_600_000; now += 1_000) {
    expect(circuit.startProbe(now - 1)).toBe(false);
    expect(circuit.startProbe(now)).toBe(true);
    expect(circuit.startProbe(now)).toBe(false);
    expect(circuit.failed(failure("w", true), now)).toBe(true);
  }
  expect(circuit.succeeded()).toBe(true);
  expect(circuit.state.kind).toBe("closed");
});

test("one that answers with errors is probed ever more rarely, at last every five minutes", () => {
  const circuit = opened(0);
  const waits: number[] = [];
  let now = 0;
  for (let i = 0; i < 200; i += 1) {
    const { state } = circuit;
    if (state.kind !== "open") throw new Error("is not open");
    waits.push(state.probeAtMs - now);
    now = state.probeAtMs;
    circuit.startProbe(now);
    circuit.failed(failure("w"), now);
  }
  expect(waits[0]).toBe(1_000);
  expect(waits.every((wait, i) => i === 0 || wait >= (waits[i - 1] ?? 0))).toBe(true);
  expect(waits.at(-1)).toBe(300_000);
});

test("Retry-After is the least it waits", () => {
  const circuit = opened(0);
  circuit.startProbe(1_000);
  circuit.failed({ ...failure("w"), retryAfterMs: 60_000 }, 1_000);
  expect(circuit.startProbe(60_999)).toBe(false);
  expect(circuit.startProbe(61_000)).toBe(true);
});

test("failures of attempts that were under way when it opened change nothing", () => {
  const circuit = opened(0);
  const { state } = circuit;
  expect(circuit.failed(failure("late"), 500)).toBe(false);
  expect(circuit.state).toBe(state);
});

test("a probe that found nothing to try comes again", () => {
  const circuit = opened(0);
  circuit.startProbe(1_000);
  circuit.probeWithoutEnd(1_000);
  expect(circuit.startProbe(1_999)).toBe(false);
  expect(circuit.startProbe(2_000)).toBe(true);
});
