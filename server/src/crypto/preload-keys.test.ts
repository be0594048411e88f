import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeyUnavailableError } from "./key-unavailable-error.js";
import { preloadKeys } from "./preload-keys.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function preloading(count: number) {
  const state = {
    problem: undefined as Error | undefined,
    tried: 0,
    ids: Array.from({ length: count }, (_, i) => `${i}`),
  };
  const loaded = new Set<string>();
  const preload = preloadKeys({
    keyring: {
      has: (id) => loaded.has(id),
      load: async (id) => {
        state.tried += 1;
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (state.problem !== undefined) throw state.problem;
        loaded.add(id);
      },
    },
    bucketIds: () => state.ids,
    onError: () => {},
  });
  return { preload, loaded, state };
}

test("loads what is missing, and what came while it did", async () => {
  const { preload, loaded, state } = preloading(30);
  preload.run();
  await vi.advanceTimersByTimeAsync(15);
  state.ids = [...state.ids, "new"];
  preload.run();
  preload.run();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(loaded.size).toBe(31);
  expect(state.tried).toBe(31);
});

test("stops at once when the key-encryption key is away, and comes back to it", async () => {
  const { preload, loaded, state } = preloading(1_000);
  state.problem = new KeyUnavailableError("away", "away");
  preload.run();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(state.tried).toBe(8);
  state.problem = undefined;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(loaded.size).toBe(1_000);
});

test("a key that is damaged keeps no other from being loaded, and a stop ends it", async () => {
  const { preload, state } = preloading(100);
  state.problem = new KeyUnavailableError("damaged", "damaged");
  preload.run();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(state.tried).toBe(100);
  await preload.stop();
  preload.run();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(state.tried).toBe(100);
});
