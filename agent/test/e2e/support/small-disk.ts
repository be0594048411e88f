import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own that can be filled up. */
export interface SmallDisk {
  readonly folder: string;
  /** Fills it until less than `freeBytes` are left. */
  fill(freeBytes: number): void;
  /** Takes back what `fill` took. */
  empty(): void;
  remove(): void;
}

const PIECE = Buffer.alloc(64 * 1024);

/** Mounts a file system in memory. Throws, saying what to do, where that is not allowed. */
export function mountSmallDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "relay-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=711`, "relay-test", folder], { stdio: "pipe" });
  } catch (cause) {
    rmSync(folder, { recursive: true });
    throw new Error(
      "a full disk is tested on a small tmpfs, and this process may not mount one. Run the tests as root, or in a container " +
        "with the capability SYS_ADMIN (docker run --cap-add SYS_ADMIN).",
      { cause },
    );
  }
  chmodSync(folder, 0o711);
  const ballast = join(folder, "ballast");
  const free = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    folder,
    fill(freeBytes) {
      const file = openSync(ballast, "a");
      try {
        while (free() >= freeBytes + PIECE.length) writeSync(file, PIECE);
      } finally {
        closeSync(file);
      }
    },
    empty: () => unlinkSync(ballast),
    remove() {
      // Lazily: a process that is just ending may still have a file open.
      execFileSync("umount", ["--lazy", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
