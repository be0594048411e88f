import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.js";
import type { Hint } from "../hint/hint.js";
import { claimResends, failResend, releaseResends } from "../store/hold-resends.js";
import { tidyResends } from "../store/resend-targets.js";
import { ResendAllowance } from "./resend-allowance.js";
import { type ResendBatch, resendBatch } from "./resend-batch.js";

/** How often a server looks for jobs whose holder died. */
const LOOK_EVERY_MS = 1_000;

/** Jobs that one server works on at a time; others wait, or run on another server. */
const MOST_AT_A_TIME = 4;

/** Pause after a batch that failed, and how many in a row end the job unless it is the database that is away. */
const RETRY_MS = 1_000;
const MOST_FAILURES = 5;

const TIDY_EVERY_MS = 3_600_000;
const KEPT_DAYS = 30;

export interface ResendRunnerOptions {
  readonly pool: pg.Pool;
  readonly catalog: Catalog;
  readonly hint: Hint;
  readonly logger: Logger;
  readonly leaseMs: number;
  /** Unix milliseconds. */
  readonly clock: () => number;
}

/**
 * Works on jobs that send again. A job belongs to one server by a lease in its row, extended by every batch; when that server
 * dies another one goes on behind the last batch that was committed.
 */
export class ResendRunner {
  readonly #options: ResendRunnerOptions;
  /** Another one at each start: what this server held before it died is not its own. */
  readonly #holder = randomUUID();
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #tidiedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ResendRunnerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), LOOK_EVERY_MS);
    this.wake();
  }

  /** There is a new job: looks at once. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, "resend.look-failed"))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  /** Ends after the batches under way; other servers go on at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#running.values());
    await releaseResends(this.#options.pool, this.#holder).catch((error: unknown) =>
      this.#options.logger.warn({ err: error }, "resend.release-failed"),
    );
  }

  async #look(): Promise<void> {
    const { pool, leaseMs } = this.#options;
    const room = MOST_AT_A_TIME - this.#running.size;
    const claimed = room === 0 ? [] : await claimResends(pool, { holder: this.#holder, leaseMs }, room);
    for (const { id, rate } of claimed) {
      // Our own lease may have ended while the database was away: the loop is still there and goes on with the new one.
      if (this.#running.has(id)) continue;
      this.#options.logger.info({ resend: id, rate }, "resend.taken");
      this.#running.set(
        id,
        this.#run(id, rate).finally(() => this.#running.delete(id)),
      );
    }
    if (performance.now() - this.#tidiedAt < TIDY_EVERY_MS) return;
    this.#tidiedAt = performance.now();
    await tidyResends(pool, KEPT_DAYS);
  }

  /** Never rejects. */
  async #run(jobId: string, rate: number): Promise<void> {
    const { logger, hint } = this.#options;
    const allowance = new ResendAllowance(rate, performance.now());
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const { count, againMs } = allowance.at(performance.now());
      if (count === 0) {
        await this.#pause(againMs);
        continue;
      }
      try {
        const batch = await this.#batch(jobId, count);
        failures = 0;
        if (batch.kind === "lost") return;
        if (batch.kind === "failed") {
          await failResend(this.#options.pool, jobId, this.#holder, batch.error);
          logger.warn({ resend: jobId, reason: batch.error }, "resend.failed");
          return;
        }
        allowance.spend(batch.made);
        if (batch.outputIds.length > 0) hint.publish("work", batch.outputIds);
        if (!batch.done) continue;
        logger.info({ resend: jobId }, "resend.done");
        // What it made need not be remembered any more.
        this.#tidiedAt = Number.NEGATIVE_INFINITY;
        return;
      } catch (error) {
        logger.warn({ err: error, resend: jobId }, "resend.batch-failed");
        if (!isDatabaseAway(error)) failures += 1;
        if (failures >= MOST_FAILURES) {
          await this.#giveUp(jobId);
          return;
        }
        await this.#pause(RETRY_MS);
      }
    }
  }

  async #batch(jobId: string, limit: number): Promise<ResendBatch> {
    const { pool, catalog, leaseMs, clock } = this.#options;
    // Its outputs may have been made on another server a moment ago.
    await catalog.refresh();
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query("BEGIN");
      const batch = await resendBatch(client, {
        jobId,
        holder: this.#holder,
        leaseMs,
        limit,
        bucket: (id) => catalog.bucket(id),
        clock,
      });
      await client.query("COMMIT");
      return batch;
    } catch (error) {
      await client.query("ROLLBACK").catch((cause: Error) => {
        broken = cause;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async #giveUp(jobId: string): Promise<void> {
    const { pool, logger } = this.#options;
    const error = "An internal error came back at every try; the server's log has it under resend.batch-failed.";
    await failResend(pool, jobId, this.#holder, error).catch((cause: unknown) =>
      logger.warn({ err: cause, resend: jobId }, "resend.not-failed"),
    );
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    });
  }
}

/** Anything but a refusal of the statement itself: the database is away, ends, is full, or two got into each other's way. */
function isDatabaseAway(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|40|53|57)/.test(error.code ?? "");
}
