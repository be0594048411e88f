import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.js";
import { isAlive } from "./process-check.js";
import type { RunProgram } from "./run-program.js";
import type { SystemUser } from "./system-user.js";

/** A created cluster: `data` is PostgreSQL's data directory. */
export interface Cluster {
  readonly dataDir: string;
  readonly password: string;
}

export interface ClusterOptions {
  /** Folder that holds the cluster, PostgreSQL's log and its socket; owned by `user`. */
  readonly dir: string;
  readonly user: SystemUser;
  readonly run: RunProgram;
  readonly binaries: PostgresBinaries;
}

/**
 * Opens the cluster, or creates it. It is created in a folder of another name that is renamed when everything is on
 * disk, so that an interrupted creation is never taken for a cluster: the next start throws it away.
 */
export async function openCluster({ dir, user, run, binaries }: ClusterOptions): Promise<Cluster> {
  const home = join(dir, "cluster");
  const existing = await readCluster(home);
  if (existing !== undefined) return existing;
  await removeUnfinished(dir);
  const draft = join(dir, `cluster.new-${process.pid}-${randomBytes(4).toString("hex")}`);
  const password = randomBytes(32).toString("base64url");
  await mkdir(draft, { mode: 0o700 });
  await giveTo(user, draft);
  await writePrivate(join(draft, "password"), `${password}\n`, user);
  await run(binaries.initdb, [
    `--pgdata=${join(draft, "data")}`,
    "--username=postgres",
    "--auth=scram-sha-256",
    `--pwfile=${join(draft, "password")}`,
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
    // A new segment of the log is filled with zeros while every commit waits: 13-20 ms for the usual 16 MB, 3 for 4 (2026-11).
    "--wal-segsize=4",
    "--no-instructions",
  ]);
  try {
    await rename(draft, home);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    // Another server created it at the same time; its cluster is the one.
    await rm(draft, { recursive: true, force: true });
  }
  await syncFolder(dir);
  const created = await readCluster(home);
  if (created === undefined)
    throw new Error(`${home} was created and is gone again: does something clean that folder?`);
  return created;
}

/** Makes a private folder that `user` owns. */
export async function makePrivateFolder(dir: string, user: SystemUser): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await giveTo(user, dir);
}

/** Writes a file of mode 600 that `user` owns. */
export async function writePrivate(path: string, text: string, user: SystemUser): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await giveTo(user, path);
}

/** Makes an empty file of mode 600 that `user` owns, where there is none. */
export async function touchPrivate(path: string, user: SystemUser): Promise<void> {
  await writeFile(path, "", { mode: 0o600, flag: "a" });
  await giveTo(user, path);
}

async function giveTo(user: SystemUser, path: string): Promise<void> {
  if (user !== null) await chown(path, user.uid, user.gid);
  await chmod(path, (await stat(path)).mode & 0o700);
}

async function readCluster(home: string): Promise<Cluster | undefined> {
  try {
    const password = (await readFile(join(home, "password"), "utf8")).trim();
    return { dataDir: join(home, "data"), password };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const files = await readdir(home).catch(() => []);
    if (files.length === 0) return undefined;
    throw new Error(`${home} holds a database, but its file "password" is gone. Restore the folder from a backup.`);
  }
}

/** Removes what interrupted creations left, but not what a live process is creating right now. */
async function removeUnfinished(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const pid = /^cluster\.new-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid))))
      await rm(join(dir, name), { recursive: true, force: true });
  }
}

async function syncFolder(dir: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(dir, "r");
  await handle.sync();
  await handle.close();
}
