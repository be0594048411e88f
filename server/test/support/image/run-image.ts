import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { waitFor } from "../wait-for.js";
import type { ImageConfig } from "./build-image-tree.js";

/** The mounts and the user of a pod whose root is read-only; then the program is the first process, as in a container. */
const SCRIPT = `
root=$1 data=$2 tmp=$3 secrets=$4 workdir=$5 uid=$6 gid=$7
shift 7
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$data" "$root/var/lib/relay"
mount --bind "$tmp" "$root/tmp"
mount --bind "$secrets" "$root/run/secrets"
mount -o remount,bind,ro "$root/run/secrets"
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs unshare --root="$root" --wd="$workdir" --setgid="$gid" --setuid="$uid" -- "$@"
`;

export interface RunImageOptions {
  /** Root of the image's file tree. It is not changed. */
  readonly root: string;
  readonly config: ImageConfig;
  /** Folders of this machine that are writable there: the data folder and /tmp. They belong to the image's user. */
  readonly volumes: { readonly data: string; readonly tmp: string };
  /** Mounted at /run/secrets, read-only. */
  readonly secrets: string;
  /** On top of the image's own. */
  readonly env: Readonly<Record<string, string>>;
  /** What follows the entry point; or another command in its place. */
  readonly args?: readonly string[];
  readonly command?: readonly string[];
}

/** A process that runs as the image's container would: its files, user, environment, and a root that is read-only. */
export class ImageProcess {
  readonly #child: ChildProcess;
  readonly exit: Promise<number | NodeJS.Signals | null>;
  stdout = "";
  stderr = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exit = new Promise((resolve) => child.once("close", (code, signal) => resolve(signal ?? code)));
  }

  /** Process id on this machine; in there it is 1. */
  async pid(): Promise<number> {
    const outer = this.#child.pid ?? 0;
    return waitFor("the first process of the namespace", async () => {
      const children = await readFile(`/proc/${outer}/task/${outer}/children`, "utf8").catch(() => "");
      return Number(children.trim().split(" ")[0]) || undefined;
    });
  }

  /** Sends a signal to the first process, as an engine does; gives the exit code. */
  async stop(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    process.kill(await this.pid(), signal);
    return this.exit;
  }

  /** Ends it at once, whatever it does. */
  async destroy(): Promise<void> {
    // Its child, the first process of the namespace, is ended with it.
    this.#child.kill("SIGKILL");
    await this.exit;
  }
}

/** Starts the image. Needs root, for the mounts. */
export function runImage({ root, config, volumes, secrets, env, ...options }: RunImageOptions): ImageProcess {
  const [uid = "", gid = ""] = config.user.split(":");
  const command = options.command ?? [...config.entrypoint, ...(options.args ?? [])];
  const places = [root, volumes.data, volumes.tmp, secrets, config.workdir, uid, gid];
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"];
  const child = spawn("unshare", [...namespaces, "--", "/bin/sh", "-ec", SCRIPT, "sh", ...places, ...command], {
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...config.env, ...env },
  });
  return new ImageProcess(child);
}
