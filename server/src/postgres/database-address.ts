import { mkdir, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import type { Config } from "../config/load-config.js";

export interface DatabaseAddress {
  /** Connection string; empty: the server's private PostgreSQL. Holds the password. */
  readonly url: string;
  /** What it comes from, for messages. */
  readonly setting: string;
}

type Settings = Pick<
  Config,
  "dataDir" | "databaseUrl" | "postgresHost" | "postgresUser" | "postgresPassword" | "postgresDatabase" | "postgresCa"
>;

/** The database that people named: whole by DATABASE_URL, or in parts by POSTGRES_HOST and its companions. */
export async function databaseAddress(config: Settings): Promise<DatabaseAddress> {
  if (config.postgresHost === "") return { url: config.databaseUrl, setting: "DATABASE_URL" };
  const { postgresUser: user, postgresPassword: password, postgresDatabase: database } = config;
  const login = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  const tls =
    config.postgresCa === ""
      ? ""
      : `?sslmode=verify-full&sslrootcert=${encodeURIComponent(await authorityFile(config.postgresCa, config.dataDir))}`;
  const url = `postgresql://${login}@${hostOf(config.postgresHost)}/${encodeURIComponent(database || user)}${tls}`;
  return { url, setting: "POSTGRES_HOST, POSTGRES_USER, POSTGRES_DB" };
}

/** The host as a URL has it, with its port. */
function hostOf(text: string): string {
  // The folder of a Unix socket; its slashes would end the host.
  if (text.startsWith("/")) return encodeURIComponent(text);
  return isIP(text) === 6 ? `[${text}]` : text;
}

/** The driver reads a file: PEM text is put into one. Line feeds may have become `\\n` on their way through a variable. */
async function authorityFile(setting: string, dataDir: string): Promise<string> {
  if (!setting.startsWith("-----BEGIN")) return resolve(setting);
  const file = resolve(join(dataDir, "postgres-ca.pem"));
  await mkdir(dataDir, { recursive: true, mode: 0o711 });
  await writeFile(file, `${setting.replaceAll("\\n", "\n")}\n`, { mode: 0o600 });
  return file;
}
