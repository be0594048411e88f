import type pg from "pg";
import type { Logger } from "pino";
import { runAlone } from "../store/run-alone.js";
import type { KeyEncryption } from "./key-encryption.js";
import { rewrapKeys } from "./rewrap-keys.js";

const EVERY_MS = 3_600_000;

/** Key of the advisory lock under which one server at a time does it. */
const LOCK = 7_264_173_512;

export interface KeepRewrappedOptions {
  readonly pool: pg.Pool;
  readonly keyEncryption: KeyEncryption;
  readonly logger: Logger;
}

export interface KeepRewrapped {
  /** Looks now; at most one at a time. */
  run(): void;
  /** Wrapped values that the last look had to leave under another key-encryption key. */
  readonly left: number;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Wraps anew what another key-encryption key than the current one wrapped: at once, when told, and every hour. */
export function keepRewrapped({ pool, keyEncryption, logger }: KeepRewrappedOptions): KeepRewrapped {
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let left = 0;
  const work = async () => {
    const { done, left: remaining, error } = await rewrapKeys(pool, keyEncryption, () => stopped);
    left = remaining;
    if (done > 0) logger.info({ count: done, key: keyEncryption.currentId() }, "keys.rewrapped");
    if (remaining > 0) logger.warn({ err: error, count: remaining }, "keys.not-rewrapped");
  };
  const run = () => {
    if (stopped) return;
    again = running !== undefined;
    running ??= runAlone(pool, LOCK, work)
      .catch((error: unknown) => logger.warn({ err: error }, "keys.rewrap-failed"))
      .finally(() => {
        running = undefined;
        if (again) run();
      });
  };
  run();
  const timer = setInterval(run, EVERY_MS).unref();
  return {
    run,
    get left() {
      return left;
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
