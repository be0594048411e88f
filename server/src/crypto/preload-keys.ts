import { KeyUnavailableError } from "./key-unavailable-error.js";
import type { Keyring } from "./keyring.js";

const PARALLEL = 8;

/** Pause after a round that ended early. */
const AGAIN_MS = 15_000;

export interface PreloadOptions {
  readonly keyring: Pick<Keyring, "has" | "load">;
  /** Buckets whose keys should be in memory. */
  readonly bucketIds: () => readonly string[];
  readonly onError: (error: unknown, bucketId: string) => void;
}

export interface Preload {
  /** Loads what is not in memory yet; at most one round at a time, and one more for whoever asked meanwhile. */
  run(): void;
  /** Resolves when no round runs any more. */
  stop(): Promise<void>;
}

/**
 * Loads the keys of all buckets before they are needed: what is in memory outlives an outage of the key-encryption key's
 * holder. A round ends early when that cannot be reached, and is tried again.
 */
export function preloadKeys({ keyring, bucketIds, onError }: PreloadOptions): Preload {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const round = async () => {
    const missing = bucketIds().filter((id) => !keyring.has(id));
    let ended = false;
    const worker = async () => {
      for (let id = missing.pop(); id !== undefined && !ended && !stopped; id = missing.pop()) {
        try {
          await keyring.load(id);
        } catch (error) {
          ended ||= error instanceof KeyUnavailableError && error.kind !== "damaged";
          onError(error, id);
        }
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    clearTimeout(timer);
    if (ended) timer = setTimeout(run, AGAIN_MS).unref();
  };
  const run = () => {
    if (stopped) return;
    again = running !== undefined;
    running ??= round().finally(() => {
      running = undefined;
      if (again) run();
    });
  };
  return {
    run,
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
