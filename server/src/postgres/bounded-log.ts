import { copyFile, stat, truncate } from "node:fs/promises";

const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Keeps a log file that another process appends to within bounds: past 8 MiB its content moves to `<path>.1` and the file
 * starts anew. The writer's descriptor appends, so it goes on at the new beginning.
 */
export async function boundLog(path: string): Promise<void> {
  const size = await stat(path).then(
    (file) => file.size,
    () => 0,
  );
  if (size <= MAX_BYTES) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
}
