import type pg from "pg";
import type { Logger } from "pino";
import type { Hint } from "./hint/hint.js";
import { freeAbandoned } from "./store/free-abandoned.js";
import { reapServers, registerServer, renewServer, unregisterServer } from "./store/servers.js";

export interface ServerLeaseOptions {
  readonly pool: pg.Pool;
  readonly hint: Hint;
  readonly logger: Logger;
  /** Unique among running servers, the same after a restart of this one. */
  readonly name: string;
  readonly leaseMs: number;
  /** Others took this server for dead: what it held is theirs. It goes on under a new id. */
  readonly onLost: () => void;
}

/**
 * This server's place among the servers: renewed three times per lease, and with every renewal the leases of others that
 * ended are reaped, so that what a killed server held waits at most a lease and a third.
 */
export class ServerLease {
  readonly #options: ServerLeaseOptions;
  #id = 0;
  #timer: NodeJS.Timeout | undefined;
  #renewing = false;
  /** Ids under which others took this server for dead: statements that were on their way may still write them. */
  readonly #lost = new Set<number>();

  constructor(options: ServerLeaseOptions) {
    this.#options = options;
  }

  get id(): number {
    return this.#id;
  }

  async start(): Promise<void> {
    const { pool, name, leaseMs } = this.#options;
    this.#id = await registerServer(pool, name, leaseMs);
    await reapServers(pool);
    await freeAbandoned(pool);
    this.#timer = setInterval(() => void this.#renew(), leaseMs / 3);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const id of [...this.#lost, this.#id]) await unregisterServer(this.#options.pool, id);
  }

  async #renew(): Promise<void> {
    if (this.#renewing) return;
    this.#renewing = true;
    const { pool, logger, leaseMs, name, onLost } = this.#options;
    try {
      if (!(await renewServer(pool, this.#id, leaseMs))) {
        logger.error({ server: this.#id }, "server.lease-lost");
        const lost = this.#id;
        const next = await registerServer(pool, `${name} again`, leaseMs);
        this.#lost.add(lost);
        // Still under the old id: what the dropped sessions give back is not the new id's.
        onLost();
        this.#id = next;
      }
      for (const id of this.#lost) await unregisterServer(pool, id);
      const dead = await reapServers(pool);
      if (dead.length > 0) logger.warn({ servers: dead }, "servers.reaped");
    } catch (error) {
      logger.warn({ err: error }, "server.lease-renewal-failed");
    } finally {
      this.#renewing = false;
    }
  }
}
