import type { Logger } from "pino";
import type { Keyring } from "../crypto/keyring.js";
import { type UpcomingCron, upcomingCrons } from "../store/cron-runs.js";
import { hasFunction } from "../webhook-functions/has-function.js";
import { MOST_AT_ONCE, type RunDueCrons, runDueCrons, type SteppedCron } from "./run-due-crons.js";

/** The longest pause between two looks: what another server left, and what was made meanwhile, waits no longer. */
const POLL_MS = 1_000;

/** Runs with functions at a time: each holds a connection to the database. */
const MOST_APART = 2;

/** Crons that one look tells of: those that cannot run now must not hide all others. */
const LOOK_LIMIT = 500;

export interface CronSchedulerOptions extends RunDueCrons {
  readonly keyring: Pick<Keyring, "has" | "seal" | "load">;
  readonly logger: Logger;
  /** True when no data key may be used. */
  readonly locked: () => boolean;
  /** True when ephemeral webhooks fill the memory they may have. */
  readonly ephemeralFull: () => boolean;
}

/**
 * Runs crons when they are due. Every server does: the database decides who makes which run (see `run-due-crons.ts`). The
 * clock is looked at anew at least once a second, so a clock that is set makes no run twice, and one that jumps ahead, or a
 * machine that slept, finds its missed runs as after a restart.
 */
export class CronScheduler {
  readonly #options: CronSchedulerOptions;
  readonly #unreadable = new Set<string>();
  /** Runs whose functions are at work, by cron: others do not wait for them. */
  readonly #apart = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = true;
  #failing = false;

  constructor(options: CronSchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
    this.#lookIn(0);
  }

  /** Resolves when no run is being made any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    await Promise.all(this.#apart.values());
  }

  #lookIn(ms: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#look().then((pauseMs) => this.#lookIn(pauseMs));
    }, ms);
  }

  /** Never rejects. Returns after how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { logger, locked } = this.#options;
    if (locked()) return POLL_MS;
    try {
      const pauseMs = await this.#runDue();
      if (this.#failing) logger.info("crons.recovered");
      this.#failing = false;
      return pauseMs;
    } catch (error) {
      // Once per outage.
      if (!this.#failing) logger.warn({ err: error }, "crons.failed");
      this.#failing = true;
      return POLL_MS;
    }
  }

  async #runDue(): Promise<number> {
    const { pool, now } = this.#options;
    const nowMs = now();
    const upcoming = await upcomingCrons(pool, nowMs + POLL_MS, LOOK_LIMIT);
    const runnable = await this.#runnable(upcoming.filter(({ dueMs }) => dueMs <= nowMs));
    for (const cron of runnable.filter((each) => this.#hasFunction(each))) this.#runApart(cron.id);
    const due = runnable.filter((each) => !this.#hasFunction(each));
    if (due.length > 0) {
      const ids = due.slice(0, MOST_AT_ONCE).map(({ id }) => id);
      const stepped = await runDueCrons(this.#options, ids);
      this.#tell(stepped);
      // There may be more of them, and more of each.
      if (stepped.length > 0) return 0;
    }
    const next = upcoming.find(({ dueMs }) => dueMs > nowMs);
    return next === undefined ? POLL_MS : Math.min(POLL_MS, Math.max(1, next.dueMs - now()));
  }

  #hasFunction({ id, bucketId }: UpcomingCron): boolean {
    const cron = this.#options.catalog.bucket(bucketId)?.crons.find((each) => each.id === id);
    return cron !== undefined && hasFunction(cron);
  }

  /** A transaction of its own for a run with a function, which may take its time. */
  #runApart(id: string): void {
    if (this.#apart.has(id) || this.#apart.size >= MOST_APART) return;
    const run = runDueCrons(this.#options, [id], { withFunctions: true })
      .then((stepped) => this.#tell(stepped))
      .catch((error: unknown) => this.#options.logger.warn({ err: error, cron: id }, "cron.failed"))
      .finally(() => this.#apart.delete(id));
    this.#apart.set(id, run);
  }

  #tell(stepped: readonly SteppedCron[]): void {
    const { logger } = this.#options;
    for (const { cron, step } of stepped) {
      const about = { cron: cron.id, bucket: cron.bucketId, due: new Date(cron.dueMs).toISOString() };
      if (step.kind === "skip") logger.warn(about, "cron.missed");
      else logger.debug({ ...about, caughtUp: step.caughtUp }, "cron.ran");
    }
  }

  /** Those whose webhooks can be written now. Keys are loaded before, so that no transaction waits for them. */
  async #runnable(due: readonly UpcomingCron[]): Promise<readonly UpcomingCron[]> {
    const buckets = [...new Set(due.map(({ bucketId }) => bucketId))];
    const ready = new Set<string>();
    await Promise.all(
      buckets.map(async (id) => {
        if (await this.#isReady(id)) ready.add(id);
      }),
    );
    return due.filter(({ bucketId }) => ready.has(bucketId));
  }

  async #isReady(bucketId: string): Promise<boolean> {
    const { catalog, keyring, ephemeralFull, logger } = this.#options;
    const bucket = catalog.bucket(bucketId);
    if (bucket === undefined) return false;
    if (bucket.ephemeral) return !ephemeralFull();
    try {
      await keyring.load(bucketId);
      this.#unreadable.delete(bucketId);
      return true;
    } catch (error) {
      if (!this.#unreadable.has(bucketId)) logger.warn({ err: error, bucket: bucketId }, "cron.bucket-unreadable");
      this.#unreadable.add(bucketId);
      return false;
    }
  }
}
