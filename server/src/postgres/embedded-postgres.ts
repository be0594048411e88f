// The server's private PostgreSQL. It runs in a session of its own, started and stopped by pg_ctl, so that Ctrl-C in a
// terminal reaches the server alone, which drains first and stops the database last. One connection, the guard, does
// three things as long as it lives: it holds the lock of the data directory, it notices at once when PostgreSQL dies, and
// it tells a predecessor's orphaned PostgreSQL (taken over) from one another server is using (refused).
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import type { Logger } from "pino";
import { findPostgresBinaries } from "./binaries.js";
import { boundLog } from "./bounded-log.js";
import { makePrivateFolder, openCluster, touchPrivate, writePrivate } from "./cluster.js";
import { connectGuard } from "./connect-guard.js";
import { lockDataDir } from "./data-dir-lock.js";
import { freePort } from "./free-port.js";
import { readPostmasterFile } from "./postmaster-file.js";
import { DATABASE, prepareDatabase } from "./prepare-database.js";
import { isAlive, isForeignProcess } from "./process-check.js";
import { prepareRunProgram } from "./run-program.js";
import { type PostgresSettings, postgresConf } from "./server-settings.js";
import { makeSocketFolder } from "./socket-folder.js";
import { chooseSystemUser } from "./system-user.js";

export interface EmbeddedPostgresOptions {
  /** Relay's data directory; the cluster goes to its folder `postgres`. */
  readonly dataDir: string;
  readonly logger: Logger;
  /** Settings that replace the durable defaults: for tests. */
  readonly settings?: PostgresSettings;
  /** Called when the database is lost for good: another server took the data directory. The process should end. */
  readonly onLost?: (error: Error) => void;
}

export interface EmbeddedPostgres {
  /** Connection string of the server's own role and database. Holds the password. */
  readonly url: string;
  /** Connection string of the superuser: for tests and repairs. Holds the password. */
  readonly superuserUrl: string;
  /** PostgreSQL was already running: a server before this one was killed. */
  readonly tookOver: boolean;
  /** Stops PostgreSQL in order (open connections are closed) and lets go of the data directory. */
  stop(): Promise<void>;
}

/** How long PostgreSQL may take to be ready: recovery after a crash reads at most max_wal_size. */
const START_TIMEOUT_S = 300;
const STOP_TIMEOUT_S = 60;
const LOG_CHECK_MS = 600_000;

/**
 * Starts the private PostgreSQL of a data directory, creating it on the first start, and keeps it running until `stop`.
 * Rejects with an error for people: another server uses the directory, wrong owner, binaries missing, or PostgreSQL's own
 * last words.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger, settings = {} } = options;
  const dir = resolve(options.dataDir, "postgres");
  const user = await chooseSystemUser(join(dir, "cluster"));
  const binaries = await findPostgresBinaries();
  // Enterable by PostgreSQL's user, readable by nobody else: what is secret in it has mode 600 of its own.
  await mkdir(resolve(options.dataDir), { recursive: true, mode: user === null ? 0o700 : 0o711 });
  await makePrivateFolder(dir, user);
  const run = await prepareRunProgram({ user, paths: [join(dir, "cluster"), binaries.postgres] });
  const { dataDir, password } = await openCluster({ dir, user, run, binaries });
  const logFile = join(dir, "postgres.log");
  await touchPrivate(logFile, user);
  const socketDir = await makeSocketFolder(dir, user);
  const port = socketDir === undefined ? ((await readPostmasterFile(dataDir))?.port ?? (await freePort())) : 5432;

  async function startPostmaster(): Promise<void> {
    const postmaster = await readPostmasterFile(dataDir);
    if (postmaster !== undefined && (await isForeignProcess(postmaster.pid))) {
      await rm(join(dataDir, "postmaster.pid"), { force: true });
    }
    await writePrivate(join(dataDir, "postgresql.conf"), postgresConf({ socketDir, port }, settings), user);
    await boundLog(logFile);
    const wait = ["--wait", `--timeout=${START_TIMEOUT_S}`, "--silent"];
    await run(binaries.pg_ctl, ["start", `--pgdata=${dataDir}`, `--log=${logFile}`, ...wait]);
  }

  async function isRunning(): Promise<boolean> {
    const postmaster = await readPostmasterFile(dataDir);
    return postmaster !== undefined && isAlive(postmaster.pid);
  }

  /** Connects, starting PostgreSQL as often as it takes; gives up after `tries` starts that failed. */
  async function reach(tries: number): Promise<{ client: pg.Client; host: string; port: number; started: boolean }> {
    const giveUpAt = Date.now() + START_TIMEOUT_S * 1_000;
    let started = false;
    for (let failures = 0; ; ) {
      const found = await connectGuard(dataDir, password);
      if (found.kind === "running") return { ...found, started };
      if (Date.now() > giveUpAt) throw new Error(`PostgreSQL on ${dataDir} is not ready. ${await lastWords(logFile)}`);
      if (found.kind === "busy") {
        await delay(100);
        continue;
      }
      try {
        await startPostmaster();
        started = true;
      } catch (cause) {
        failures += 1;
        if (failures >= tries) throw new Error(`PostgreSQL did not start. ${await lastWords(logFile)}`, { cause });
        // Processes of a killed PostgreSQL may still be going, or another server is starting it at this moment.
        await delay(Math.min(100 * 2 ** failures, 2_000));
      }
    }
  }

  const first = await reach(5);
  try {
    await lockDataDir(first.client, resolve(options.dataDir));
    await prepareDatabase(first.client);
  } catch (error) {
    await first.client.end().catch(() => {});
    throw error;
  }

  let stopping = false;
  let guard = first.client;
  let recovery = Promise.resolve();

  function watch(client: pg.Client): void {
    client.once("end", () => {
      if (!stopping) recovery = recover();
    });
  }

  async function recover(): Promise<void> {
    logger.error("postgres.connection-lost");
    for (let pauseMs = 200; !stopping; pauseMs = Math.min(pauseMs * 2, 5_000)) {
      try {
        const { client, started } = await reach(1);
        try {
          await lockDataDir(client, resolve(options.dataDir));
        } catch (error) {
          await client.end().catch(() => {});
          throw error;
        }
        guard = client;
        watch(client);
        logger.warn({ started }, "postgres.restarted");
        return;
      } catch (error) {
        if (error instanceof Error && error.name === "DataDirInUseError") {
          options.onLost?.(error);
          return;
        }
        logger.error({ err: error }, "postgres.restart-failed");
        await delay(pauseMs);
      }
    }
  }

  watch(guard);
  const logTimer = setInterval(() => {
    boundLog(logFile).catch((error: unknown) => logger.warn({ err: error }, "postgres.log-not-bounded"));
  }, LOG_CHECK_MS);
  logTimer.unref();

  const url = (role: string, database: string) =>
    `postgresql://${role}:${password}@${encodeURIComponent(first.host)}:${first.port}/${database}`;
  return {
    url: url(DATABASE, DATABASE),
    superuserUrl: url("postgres", "postgres"),
    tookOver: !first.started,
    async stop() {
      if (stopping) return;
      stopping = true;
      clearInterval(logTimer);
      // A restart that is under way would leave PostgreSQL behind.
      await recovery;
      for (const mode of ["fast", "immediate"]) {
        const wait = ["--wait", `--timeout=${STOP_TIMEOUT_S}`];
        const failed = await run(binaries.pg_ctl, ["stop", `--pgdata=${dataDir}`, `--mode=${mode}`, ...wait]).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failed === undefined || !(await isRunning())) break;
        logger.error({ err: failed, mode }, "postgres.stop-failed");
      }
      await guard.end().catch(() => {});
      // A folder among the temporary files is made anew at each start.
      if (socketDir !== undefined && !socketDir.startsWith(dir)) await rm(socketDir, { recursive: true, force: true });
    },
  };
}

/** The end of PostgreSQL's log, for the error message. */
async function lastWords(logFile: string): Promise<string> {
  const text = await readFile(logFile, "utf8").catch(() => "");
  const lines = text.trim().split("\n").slice(-5).join("\n");
  return `The end of ${logFile}:\n${lines === "" ? "(empty)" : lines}`;
}
