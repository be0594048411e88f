import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../sql/", import.meta.url));

/** One step of the schema: a file of `server/sql`. */
export interface Migration {
  readonly id: number;
  readonly sql: string;
  /** The lowest schema that a program may know and still work on a database with this step; null: none below `id`. */
  readonly oldestProgram: number | null;
}

/** The steps that this program knows, in their order. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{6}\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(FOLDER + name, "utf8");
      return { id: Number(name.slice(0, 6)), sql, oldestProgram: oldestProgramOf(sql) };
    }),
  );
}

/**
 * What a file's first line may declare: `-- oldest-program: 4` says that programs which know schema 4 go on working, as
 * they do when a step only adds what they need not know. It is what lets a release be rolled back after its migration.
 */
export function oldestProgramOf(sql: string): number | null {
  const declared = /^-- oldest-program: (\d{1,6})\r?$/m.exec(sql.split("\n", 1)[0] ?? "")?.[1];
  return declared === undefined ? null : Number(declared);
}
