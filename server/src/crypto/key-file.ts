import { hkdfSync, randomBytes } from "node:crypto";
import { link, mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** The key-encryption keys of this installation. */
export interface KeyFile {
  /** Id of the newest key: what new data keys are wrapped with. */
  readonly currentId: string;
  /** The 32 bytes of a key; undefined when the file does not hold it. */
  key(id: string): Buffer | undefined;
  /** 32 bytes for another purpose, derived (HKDF-SHA256, RFC 5869) from the oldest key, so that a new line changes nothing. */
  deriveKey(purpose: string): Buffer;
}

export interface KeyFileOptions {
  /** Create the file when it is missing: only right while nothing in the database depends on one. */
  readonly mayCreate: boolean;
}

/**
 * Reads the key file: one key per line, `id:base64 of 32 bytes`, newest last; blank lines and `#` comments are skipped.
 * Created on the first start with mode 600. Rejects, saying what to do, when it is lost, readable by others, or malformed.
 */
export async function loadKeyFile(path: string, { mayCreate }: KeyFileOptions): Promise<KeyFile> {
  const file = resolve(path);
  let text = await readPrivate(file);
  if (text === undefined) {
    if (!mayCreate) {
      throw new Error(
        `The key file ${file} is missing, but the database holds webhooks encrypted under it. Restore it from its backup ` +
          "(or point KEY_FILE at it). Without it those webhooks cannot be read by anybody; docs/encryption.md says what is left to do.",
      );
    }
    await create(file);
    text = await readPrivate(file);
    if (text === undefined) throw new Error(`The key file ${file} was created and is gone again.`);
  }
  return parseKeyFile(text, file);
}

/** Parses the text of a key file; `file` is named in errors, no key ever is. */
export function parseKeyFile(text: string, file: string): KeyFile {
  const keys = new Map<string, Buffer>();
  let oldest: Buffer | undefined;
  let currentId = "";
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const match = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9+/]{43}=)$/.exec(line);
    const [, id, encoded] = match ?? [];
    if (id === undefined || encoded === undefined) {
      throw new Error(`${file}, line ${index + 1}: expected "id:key", the key being 32 bytes in base64.`);
    }
    if (keys.has(id)) throw new Error(`${file}, line ${index + 1}: the id "${id}" is used twice.`);
    const key = Buffer.from(encoded, "base64");
    keys.set(id, key);
    oldest ??= key;
    currentId = id;
  }
  if (oldest === undefined) throw new Error(`${file} holds no key. Restore it from its backup.`);
  const root = oldest;
  return {
    currentId,
    key: (id) => keys.get(id),
    deriveKey: (purpose) => Buffer.from(hkdfSync("sha256", root, "", purpose, 32)),
  };
}

async function readPrivate(file: string): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`The key file ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    const { mode } = await handle.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw new Error(`The key file ${file} can be read by others. Run: chmod 600 "${file}"`);
    }
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** Whole or not at all, and never over an existing file: written beside it, then linked to its name. */
async function create(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o711 });
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  const line = `key-${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64")}`;
  const header = "# Relay's encryption key. Back it up apart from the database: without it nothing stored can be read.";
  await writeFile(draft, `${header}\n${line}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    const taken = await stat(file).catch(() => undefined);
    if (taken === undefined) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
