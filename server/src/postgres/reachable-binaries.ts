import { cp, mkdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { PostgresBinaries } from "./binaries.js";
import { firstClosedFolder, type SystemUser } from "./system-user.js";

/** Only root comes here, and only root may write there: nobody can slip programs in. */
const SHARED_HOME = "/var/lib/relay";

/**
 * The programs where `user` can run them. A checkout may lie in a folder that only root may enter; passing it by a
 * capability is not enough for programs, because initdb asks access(2), which disregards capabilities of a user that is
 * not root (capabilities(7)). Then they are copied, once per version.
 */
export async function reachableBinaries(binaries: PostgresBinaries, user: SystemUser): Promise<PostgresBinaries> {
  if (user === null || (await firstClosedFolder(binaries.postgres, user)) === undefined) return binaries;
  const native = dirname(dirname(binaries.postgres));
  const { version } = JSON.parse(await readFile(join(dirname(native), "package.json"), "utf8"));
  const home = join(SHARED_HOME, `postgresql-${version}`);
  if ((await stat(home).catch(() => undefined)) === undefined) {
    const draft = `${home}.new-${process.pid}`;
    await mkdir(SHARED_HOME, { recursive: true, mode: 0o755 });
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await rename(draft, home).catch(async (error: NodeJS.ErrnoException) => {
      await rm(draft, { recursive: true, force: true });
      // Another server copied them at the same time.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  }
  const moved = (program: string) => join(home, relative(native, program));
  return { postgres: moved(binaries.postgres), initdb: moved(binaries.initdb), pg_ctl: moved(binaries.pg_ctl) };
}
