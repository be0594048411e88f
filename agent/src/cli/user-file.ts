import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliError, EXIT } from "./exit-codes.js";

/** What `relay login` keeps, in the configuration directory, readable by this user only. */
export interface UserFile {
  readonly key: string;
  readonly secret: string;
  readonly apiAddress?: string;
  readonly grpcAddress?: string;
  readonly caFile?: string;
}

const FILE_NAME = "credentials.json";

/** Where the file is. */
export function userFilePath(directory: string): string {
  return join(directory, FILE_NAME);
}

/** Reads the file, or null when nobody is logged in. Throws CliError when it cannot be used. */
export function readUserFile(directory: string): UserFile | null {
  const path = join(directory, FILE_NAME);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new CliError(`cannot read ${path}: ${(cause as Error).message}`, EXIT.failure, { cause });
  }
  try {
    const file = JSON.parse(text) as UserFile;
    if (typeof file.key === "string" && typeof file.secret === "string") return file;
  } catch {
    // Told below; the parser's message could quote the secret.
  }
  throw new CliError(`${path} is damaged. Run: relay login`, EXIT.failure);
}

/** Writes the file with mode 600 and returns its path. */
export function writeUserFile(directory: string, file: UserFile): string {
  const path = join(directory, FILE_NAME);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
  return path;
}

/** Removes the file; true when there was one. */
export function removeUserFile(directory: string): boolean {
  if (readUserFileQuietly(directory) === null) return false;
  rmSync(join(directory, FILE_NAME), { force: true });
  return true;
}

function readUserFileQuietly(directory: string): string | null {
  try {
    return readFileSync(join(directory, FILE_NAME), "utf8");
  } catch {
    return null;
  }
}
