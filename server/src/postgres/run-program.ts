import { spawn } from "node:child_process";
import { firstClosedFolder, type SystemUser } from "./system-user.js";

export interface ProgramContext {
  readonly user: SystemUser;
  /** Folders and files the program must reach. */
  readonly paths: readonly string[];
}

/** Runs a PostgreSQL program to its end. Rejects with what it printed when it fails. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<void>;

/**
 * Says how PostgreSQL programs are run: as `user`, with an environment that holds none of the server's secrets. A checkout
 * may lie in a folder that only root may enter (/root, mktemp -d); then, on Linux, the programs keep the one capability
 * that lets them pass (CAP_DAC_READ_SEARCH, capabilities(7)).
 */
export async function prepareRunProgram({ user, paths }: ProgramContext): Promise<RunProgram> {
  if (user === null) return (program, args) => runToEnd(program, args, null);
  let closed: string | undefined;
  for (const path of paths) closed ??= await firstClosedFolder(path, user);
  if (closed === undefined) return (program, args) => runToEnd(program, args, user);
  const prefix = [
    // Without it access(2) ignores the capability, and initdb takes its neighbour "postgres" for missing.
    ...["--securebits", "+no_setuid_fixup"],
    ...["--reuid", String(user.uid), "--regid", String(user.gid), "--clear-groups"],
    ...["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search", "--"],
  ];
  try {
    await runToEnd("setpriv", [...prefix, "true"], null);
  } catch (cause) {
    throw new Error(
      `PostgreSQL does not run as root, and user ${user.uid} may not enter ${closed}. Allow it (chmod o+x "${closed}"), ` +
        "move Relay and its data directory (RELAY_DATA_DIR) elsewhere, or start Relay as another user.",
      { cause },
    );
  }
  return (program, args) => runToEnd("setpriv", [...prefix, program, ...args], null);
}

function runToEnd(program: string, args: readonly string[], user: SystemUser): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(user ?? {}),
      cwd: "/",
      // Standard input is closed; what is printed goes to the error.
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own: Ctrl-C in the terminal must not cut short a pg_ctl that stops the database.
      detached: true,
      windowsHide: true,
      env: {
        PATH: process.env.PATH,
        LC_ALL: "C",
        TZ: "UTC",
        ...(process.platform === "win32" ? { SystemRoot: process.env.SystemRoot } : {}),
      },
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${signal ?? code}: ${output.trim()}`));
    });
  });
}
