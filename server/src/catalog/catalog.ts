import type pg from "pg";
import type { Logger } from "pino";
import type { SealBrokenError } from "../crypto/sealer.js";
import type { SettingSealer } from "../crypto/setting-sealer.js";
import type { Hint } from "../hint/hint.js";
import { type CatalogSnapshot, EMPTY_SNAPSHOT, loadCatalog } from "./load-catalog.js";
import type { Bucket, Input, Output, RelayFunction, Token } from "./model.js";

const POLL_MS = 1_000;

export interface CatalogOptions {
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly settingSealer: SettingSealer;
  readonly logger: Logger;
}

/**
 * What people configured, whole and in memory: look-ups are synchronous and see one unchanging snapshot, which is replaced
 * when the version in the database grows. A hint brings that at once, a poll every second at the latest.
 */
export class Catalog {
  readonly #options: CatalogOptions;
  readonly #listeners = new Set<() => void>();
  #snapshot: CatalogSnapshot = EMPTY_SNAPSHOT;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;
  #failing = false;
  #stopped = true;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** The hot path of ingest: one look-up. */
  input(id: string): { readonly input: Input; readonly bucket: Bucket } | undefined {
    return this.#snapshot.inputById.get(id);
  }

  bucket(id: string): Bucket | undefined {
    return this.#snapshot.bucketById.get(id);
  }

  bucketByName(name: string): Bucket | undefined {
    return this.#snapshot.bucketByName.get(name);
  }

  output(id: string): Output | undefined {
    return this.#snapshot.outputById.get(id);
  }

  /** All buckets, by name. */
  buckets(): readonly Bucket[] {
    return this.#snapshot.buckets;
  }

  /** All functions, by name. */
  functions(): readonly RelayFunction[] {
    return this.#snapshot.functions;
  }

  function(id: string): RelayFunction | undefined {
    return this.#snapshot.functionById.get(id);
  }

  functionByName(name: string): RelayFunction | undefined {
    return this.#snapshot.functionByName.get(name);
  }

  /** All tokens, in the order they were made; the account's API key is none. */
  tokens(): readonly Token[] {
    return this.#snapshot.tokens;
  }

  token(id: string): Token | undefined {
    return this.#snapshot.tokenById.get(id);
  }

  tokenByName(name: string): Token | undefined {
    return this.#snapshot.tokenByName.get(name);
  }

  /** 0 before the first load. */
  get version(): number {
    return this.#snapshot.version;
  }

  /** True while the database cannot be read: the snapshot may be old. */
  get failing(): boolean {
    return this.#failing;
  }

  /**
   * Reads what changed. Whoever calls it after a change was committed sees the change when it resolves; callers that
   * come while one load runs share the next. Rejects when the database cannot be read; the old snapshot stays.
   */
  refresh(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#load().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // The running load may have read before the caller's change: queue one more behind it.
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.refresh();
      });
    return this.#next;
  }

  /** Calls `listener` after each change; returns the function that stops it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Loads the catalog and keeps it fresh until `stop`. Rejects when the first load fails. */
  async start(): Promise<void> {
    this.#stopped = false;
    this.#unsubscribe = this.#options.hint.subscribe("catalog", () => {
      this.refresh().catch(() => undefined);
    });
    try {
      await this.refresh();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#schedule();
  }

  /** Stops hint and poll; resolves when no load runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    await (this.#next ?? this.#running)?.catch(() => undefined);
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.refresh()
        .catch(() => undefined)
        .finally(() => this.#schedule());
    }, POLL_MS);
  }

  async #load(): Promise<void> {
    try {
      const before = this.#snapshot;
      const { pool, settingSealer, logger } = this.#options;
      const onBroken = (error: SealBrokenError) => logger.error({ err: error }, "catalog.secret-broken");
      this.#snapshot = await loadCatalog(pool, before, { settingSealer, onBroken });
      if (this.#failing) this.#options.logger.info({ version: this.version }, "catalog.recovered");
      this.#failing = false;
      if (this.#snapshot !== before) this.#tell();
    } catch (error) {
      // Once per outage: a database that is away for an hour would else write 3,600 lines.
      if (!this.#failing) this.#options.logger.warn({ err: error }, "catalog.refresh-failed");
      this.#failing = true;
      throw error;
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#options.logger.error({ err: error }, "catalog.listener-failed");
      }
    }
  }
}
