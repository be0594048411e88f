import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A token in clear: why the file is private. */
export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

/** What `npm start` remembers from start to start. */
export interface QuickstartState {
  /** The administrator token it starts the server with. */
  readonly admin: Credentials;
  /** The agent's token; undefined until it is made. */
  readonly agent?: Credentials;
  readonly outputId?: string;
}

/** Reads the file; a new state with a fresh administrator token when there is none. Rejects when it is readable by others or damaged. */
export async function readState(path: string): Promise<QuickstartState> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { admin: { key: randomUUID(), secret: randomBytes(32).toString("base64url") } };
  }
  if (process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0) {
    throw new Error(`${path} holds secrets and can be read by others. Run: chmod 600 "${path}"`);
  }
  const state = parse(text);
  if (state === undefined) throw new Error(`${path} is damaged. Remove it: the next start makes a new one.`);
  return state;
}

/** Writes the file with mode 600, whole or not at all. */
export async function writeState(path: string, state: QuickstartState): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 });
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function parse(text: string): QuickstartState | undefined {
  try {
    const { admin, agent, outputId } = JSON.parse(text) as Record<string, unknown>;
    if (!isCredentials(admin)) return undefined;
    return {
      admin,
      ...(isCredentials(agent) ? { agent } : {}),
      ...(typeof outputId === "string" ? { outputId } : {}),
    };
  } catch {
    return undefined;
  }
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== "object" || value === null) return false;
  const { key, secret } = value as Record<string, unknown>;
  return typeof key === "string" && typeof secret === "string";
}
