import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { killIfThere } from "../kill-if-there.js";
import { waitFor } from "../wait-for.js";
import type { ImageConfig } from "./build-image-tree.js";

/**
 * The mounts and the user of a pod whose root is read-only; then the program is the first process, as in a container. Of
 * root's capabilities the last step leaves what it needs itself to become another user, who has none.
 */
const SCRIPT = `
root=$1 workdir=$2 uid=$3 gid=$4
shift 4
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
  mount --bind "$1" "$root$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
  shift 3
done
shift
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs --bounding-set=-all,+setuid,+setgid,+sys_chroot \
  unshare --root="$root" --wd="$workdir" --setgid="$gid" --setuid="$uid" -- "$@"
`;

/** A folder of this machine, in the container. */
export interface Mount {
  readonly from: string;
  readonly at: string;
  readonly readOnly: boolean;
}

export interface RunImageOptions {
  /** Root of the image's file tree. It is not changed, but that places to mount at are made, as engines do. */
  readonly root: string;
  readonly config: ImageConfig;
  readonly mounts: readonly Mount[];
  /** On top of the image's own. */
  readonly env: Readonly<Record<string, string>>;
  /** What follows the entry point; or another command in its place. */
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  /** As `uid:gid`, in place of the image's own. */
  readonly user?: string;
  /** A process whose network and host name it shares, as the containers of a pod do. Left out: this machine's. */
  readonly networkOf?: number;
}

/** A process that runs as the image's container would: its files, user, environment, and a root that is read-only. */
export class ImageProcess {
  readonly #child: ChildProcess;
  #ended = false;
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
    this.exit = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        this.#ended = true;
        resolve(signal ?? code);
      });
    });
  }

  /** Process id on this machine; in there it is 1. */
  async pid(): Promise<number> {
    const outer = this.#child.pid ?? 0;
    return waitFor("the first process of the namespace", async () => {
      if (this.#ended) throw new Error("it has ended");
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
    // Not the outer one: its child has become another user since, and would live on without it.
    const inner = await this.pid().catch(() => undefined);
    if (inner === undefined) this.#child.kill("SIGKILL");
    else killIfThere(inner);
    await this.exit;
  }
}

/** Starts the image. Needs root, for the mounts. */
export function runImage({ root, config, mounts, env, networkOf, ...options }: RunImageOptions): ImageProcess {
  const [uid = "", gid = ""] = (options.user ?? config.user).split(":");
  const command = options.command ?? [...config.entrypoint, ...(options.args ?? [])];
  for (const { at } of mounts) mkdirSync(join(root, at), { recursive: true });
  const places = mounts.flatMap(({ from, at, readOnly }) => [from, at, readOnly ? "ro" : "rw"]);
  const script = ["/bin/sh", "-ec", SCRIPT, "sh", root, config.workdir, uid, gid, ...places, "--", ...command];
  const own = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "--", ...script];
  const of = `/proc/${networkOf}/ns`;
  const shared = networkOf === undefined ? [] : ["nsenter", `--net=${of}/net`, `--uts=${of}/uts`, "--"];
  const [program = "", ...args] = [...shared, ...own];
  const child = spawn(program, args, {
    cwd: "/",
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...config.env, ...env },
  });
  return new ImageProcess(child);
}
