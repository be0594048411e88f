import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Raised when what is kept is made differently. */
const FORMAT = 1;
const FOLDER = fileURLToPath(new URL("../../../../node_modules/.cache/relay-infra", import.meta.url));

/** A value of JSON that takes long to make, from an earlier run when there is one. `key` says all that it depends on. */
export async function kept<T>(key: string, make: () => Promise<T>): Promise<T> {
  const file = join(FOLDER, `${FORMAT}-${key}.json`);
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as T;
  const made = await make();
  // As a whole or not at all, for another process may read it. Where nothing can be kept it is made again each time.
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.${process.pid}`, JSON.stringify(made));
    await rename(`${file}.${process.pid}`, file);
  } catch {}
  return made;
}
