import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";

interface CpuTimes {
  readonly total: number;
  readonly steal: number;
}

function readCpuTimes(): CpuTimes {
  try {
    const [first = ""] = readFileSync("/proc/stat", "latin1").split("\n");
    // user nice system idle iowait irq softirq steal; guest times are part of user (proc_stat(5)).
    const fields = first.trim().split(/\s+/).slice(1, 9).map(Number);
    return { total: fields.reduce((sum, ticks) => sum + ticks, 0), steal: fields[7] ?? 0 };
  } catch {
    return { total: 0, steal: 0 };
  }
}

/** What the machine did meanwhile: says how far a figure may be trusted. */
export interface MachineNoise {
  /** Per cent of CPU time that the hypervisor gave to others. */
  readonly stealPercent: number;
  /** Load average over a minute at the end. */
  readonly load: number;
}

/** Begins watching; the returned function says what was seen since. */
export function watchMachine(): () => MachineNoise {
  const before = readCpuTimes();
  return () => {
    const after = readCpuTimes();
    const total = after.total - before.total;
    return {
      stealPercent: total === 0 ? 0 : (100 * (after.steal - before.steal)) / total,
      load: loadavg()[0] ?? 0,
    };
  };
}

/** One line about the CPU. */
export function cpuName(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? "unknown CPU"}, ${all.length} cores`;
}
