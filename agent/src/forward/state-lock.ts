import { closeSync, linkSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * One writer per agent state directory. The file names its process by id and start time, so that a lock survives neither its
 * process nor a reused process id (in a container every agent is process 1).
 */
export interface StateLock {
  release(): void;
}

export class StateLockedError extends Error {
  override readonly name = "StateLockedError";
  readonly pid: number;

  constructor(pid: number, directory: string) {
    super(`another agent of this name runs on this machine (process ${pid}, state in ${directory})`);
    this.pid = pid;
  }
}

const held = new Set<string>();

/** Takes the lock of a directory, over from a dead process too. Throws StateLockedError when a live one has it. */
export function lockState(directory: string): StateLock {
  const path = join(directory, "lock");
  const mine = `${process.pid} ${startTime(process.pid)}\n`;
  for (let round = 0; round < 3; round += 1) {
    if (!held.has(path) && createExclusive(path, mine)) {
      held.add(path);
      return {
        release() {
          if (held.delete(path)) removeQuietly(path);
        },
      };
    }
    const owner = readOwner(path);
    if (owner === null) continue;
    if (held.has(path) || isAlive(owner)) throw new StateLockedError(owner.pid, directory);
    takeAway(path, owner.text);
  }
  throw new StateLockedError(readOwner(path)?.pid ?? 0, directory);
}

interface Owner {
  readonly pid: number;
  readonly startedAt: string;
  readonly text: string;
}

function createExclusive(path: string, text: string): boolean {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
  writeSync(file, text);
  closeSync(file);
  return true;
}

function readOwner(path: string): Owner | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  const [pid = "", startedAt = ""] = text.trim().split(" ");
  return { pid: Number.parseInt(pid, 10) || 0, startedAt, text };
}

function isAlive(owner: Owner): boolean {
  // This process holds no lock that `held` does not know: the owner was an earlier process of the same id.
  if (owner.pid === 0 || owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const now = startTime(owner.pid);
  return now === "" || owner.startedAt === "" || now === owner.startedAt;
}

/** Removes a dead owner's file. Two takers may race: whoever finds another's new file in hand puts it back. */
function takeAway(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readFileSync(aside, "utf8") !== expected) linkSync(aside, path);
  } catch {
    // Somebody else was faster; the next round sees who.
  }
  removeQuietly(aside);
}

/** Start time of a process in clock ticks since boot (proc(5), field 22 of stat), or "" where there is no procfs. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
