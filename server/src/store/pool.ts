import pg from "pg";
import type { Logger } from "pino";

export interface PoolOptions {
  readonly url: string;
  /** Most connections at a time. */
  readonly max: number;
  /** Role that the connections act as; empty: the login's own. */
  readonly role: string;
  /** Shown in pg_stat_activity, to tell the pools apart. */
  readonly name: string;
  readonly logger: Logger;
  /** PostgreSQL settings of every connection of this pool, by their own names. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called when an idle connection broke, as all do when the database restarts. */
  readonly onLost?: () => void;
}

/** Milliseconds a statement may take: far above a healthy commit, short enough to answer 503 while the sender still waits. */
const STATEMENT_TIMEOUT_MS = 15_000;

/**
 * A pool that survives a restart of the database: without the `error` listeners a connection that breaks would end the
 * process; broken ones are replaced on the next use.
 */
export function createPool({ url, max, role, name, logger, settings = {}, onLost }: PoolOptions): pg.Pool {
  const all = role === "" ? settings : { role, ...settings };
  const pool = new pg.Pool({
    connectionString: url,
    options: Object.entries(all)
      .map(([setting, value]) => `-c ${setting}=${value}`)
      .join(" "),
    max,
    application_name: `relay-${name}`,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
  });
  pool.on("error", (error) => {
    logger.warn({ err: error, pool: name }, "database.connection-lost");
    onLost?.();
  });
  // The pool listens to idle connections only. One that breaks between two statements of a transaction tells nobody but
  // this listener, and rejects the next statement.
  pool.on("connect", (client) => client.on("error", () => onLost?.()));
  return pool;
}
