import { readdirSync, readFileSync } from "node:fs";

/** Ticks per second of utime and stime in /proc (proc_pid_stat(5)): 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessStat {
  readonly parent: number;
  readonly cpuSeconds: number;
}

function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The program name may contain spaces; what follows its closing parenthesis does not.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/**
 * CPU seconds spent so far by processes and all their descendants: user and system time, children that ended included.
 * Linux only; 0 elsewhere.
 */
export function cpuSeconds(roots: readonly number[]): number {
  const stats = new Map<number, ProcessStat>();
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return 0;
  }
  for (const name of names) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined;
    if (stat !== undefined) stats.set(pid, stat);
  }
  const wanted = new Set(roots);
  let total = 0;
  for (const [pid, stat] of stats) {
    let at: number | undefined = pid;
    while (at !== undefined && at > 1 && !wanted.has(at)) at = stats.get(at)?.parent;
    if (at !== undefined && wanted.has(at)) total += stat.cpuSeconds;
  }
  return total;
}

/** Resident memory of one process in MiB; 0 when it is gone. */
export function residentMiB(pid: number): number {
  try {
    const kib = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return Number(kib ?? 0) / 1024;
  } catch {
    return 0;
  }
}
