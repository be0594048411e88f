import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "../../src/postgres/free-port.js";
import { chooseSystemUser } from "../../src/postgres/system-user.js";
import { loadCertificate } from "../../src/tls/certificate.js";
import { waitFor } from "./wait-for.js";

const FOLDER = "/usr/lib/postgresql";
const OLDEST = 15;

/** A PostgreSQL of the operating system's, with TLS, and a database that a plain role owns, as an operator makes it. */
export interface SystemPostgres {
  readonly host: string;
  /** Role, and name of its database. */
  readonly name: string;
  readonly password: string;
  /** Authority of its certificate. */
  readonly caFile: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** The programs of the oldest installed PostgreSQL that is still supported; undefined when there is none. */
export async function findSystemPostgres(): Promise<string | undefined> {
  const versions = await readdir(FOLDER).catch(() => []);
  const supported = versions.map(Number).filter((version) => version >= OLDEST);
  for (const version of supported.sort((a, b) => a - b)) {
    const folder = join(FOLDER, String(version), "bin");
    const found = await stat(join(folder, "postgres")).catch(() => undefined);
    if (found !== undefined) return folder;
  }
  return undefined;
}

/** Makes a cluster of its own in a temporary folder and starts it. Nothing of the system's own cluster is touched. */
export async function startSystemPostgres(programs: string): Promise<SystemPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "relay-system-postgres-"));
  const user = await chooseSystemUser(folder);
  const own = async (path: string) => {
    if (user !== null) await chown(path, user.uid, user.gid);
  };
  // Below it, everything is its owner's alone.
  await chmod(folder, 0o711);
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  const superPassword = randomBytes(24).toString("hex");
  const password = `${randomBytes(12).toString("hex")}@:/?#% ü`;
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, superPassword, { mode: 0o600 });
  await own(data);
  await own(passwordFile);
  execFileSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "scram-sha-256", `--pwfile=${passwordFile}`, "-E", "UTF8", "--locale=C"],
    { ...user, cwd: "/", stdio: ["ignore", "ignore", "inherit"] },
  );
  const certificate = await loadCertificate({ dataDir: folder, certPath: "", certKeyPath: "", hosts: [] });
  for (const [name, bytes] of [
    ["server.crt", certificate.cert],
    ["server.key", certificate.key],
  ] as const) {
    await writeFile(join(data, name), bytes, { mode: 0o600 });
    await own(join(data, name));
  }
  const port = await freePort();
  const flags = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "ssl=on", "max_connections=60"];
  const child: ChildProcess = spawn(
    join(programs, "postgres"),
    ["-D", data, "-p", String(port), ...flags.flatMap((flag) => ["-c", flag])],
    { ...user, cwd: "/", stdio: "ignore" },
  );
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once("exit", () => {
      ended = true;
      resolve();
    });
  });
  const stop = async () => {
    child.kill("SIGINT");
    await end;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const admin = await waitFor(
      "the system's PostgreSQL",
      async () => {
        if (ended) throw new Error(`${programs}/postgres ended at its start`);
        const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: superPassword });
        return client.connect().then(
          () => client,
          () => undefined,
        );
      },
      { timeoutMs: 20_000, everyMs: 50 },
    );
    const name = "relay";
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`);
    await admin.query(`CREATE DATABASE ${name} OWNER ${name}`);
    await admin.end();
    const host = `127.0.0.1:${port}`;
    const url = `postgresql://${name}:${encodeURIComponent(password)}@${host}/${name}`;
    return { host, name, password, caFile: certificate.caFile, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
