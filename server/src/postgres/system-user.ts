import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The system user PostgreSQL runs as. Null: the one this process runs as. */
export type SystemUser = { readonly uid: number; readonly gid: number } | null;

/**
 * PostgreSQL refuses to run as root. As root: the owner of an existing cluster, else the user `postgres`, which is
 * created where it is missing. `clusterDir` may not exist yet. Rejects when the cluster belongs to another user.
 */
export async function chooseSystemUser(clusterDir: string): Promise<SystemUser> {
  const myUid = process.getuid?.();
  if (myUid === undefined) return null;
  const owner = await stat(clusterDir).catch(() => undefined);
  if (myUid !== 0) {
    if (owner === undefined || owner.uid === myUid) return null;
    throw new Error(
      `${clusterDir} belongs to user ${owner.uid}, this process runs as user ${myUid}. Start Relay as that user, ` +
        "or give it a data directory of its own with RELAY_DATA_DIR.",
    );
  }
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return (await lookUp("postgres")) ?? (await createPostgresUser());
}

async function lookUp(name: string): Promise<SystemUser> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

async function createPostgresUser(): Promise<SystemUser> {
  try {
    await run("groupadd", ["--force", "--system", "postgres"]);
    await run("useradd", ["--system", "--gid", "postgres", "--no-create-home", "--shell", "/bin/false", "postgres"]);
  } catch (cause) {
    throw new Error(
      'PostgreSQL does not run as root, and creating the system user "postgres" failed. Start Relay as another user, ' +
        'create the user "postgres" yourself, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    );
  }
  const user = await lookUp("postgres");
  if (user === null) throw new Error('The system user "postgres" was created but cannot be found.');
  return user;
}

/** The first folder above `path` (itself included when it is one) that `user` may not enter; undefined when it may enter all. */
export async function firstClosedFolder(path: string, user: NonNullable<SystemUser>): Promise<string | undefined> {
  const folders = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of folders) {
    const { uid, gid, mode } = await stat(folder);
    const enter = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & enter) === 0) return folder;
  }
  return undefined;
}
