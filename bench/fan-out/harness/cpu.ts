import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

const MS_PER_TICK = 10;

/** Time of the processors so far, in ms. */
export interface CpuTime {
  /** Of this process and everything that it has started; 0 where Linux is not. */
  ours: number;
  /** Of the whole machine. */
  all: number;
}

/** Reads how long the processors have worked. */
export function cpuTime(): CpuTime {
  const all = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { ours: ours(), all };
}

function ours(): number {
  const processes = readProcesses();
  const isOurs = (pid: number): boolean => {
    if (pid === process.pid) return true;
    const parent = processes.get(pid)?.parent;
    return parent !== undefined && isOurs(parent);
  };
  let ticks = 0;
  for (const [pid, one] of processes) if (isOurs(pid)) ticks += one.ticks;
  return ticks * MS_PER_TICK;
}

/** Every process with its time, that of its ended children included. @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function readProcesses(): Map<number, { parent: number; ticks: number }> {
  const processes = new Map<number, { parent: number; ticks: number }>();
  if (process.platform !== "linux") return processes;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // The second field is the name in brackets, which may contain anything.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
        .map(Number);
      const ticks = fields.slice(11, 15).reduce((sum, time) => sum + time, 0);
      processes.set(Number(pid), { parent: fields[1] ?? 0, ticks });
    } catch {
      // It has ended meanwhile.
    }
  }
  return processes;
}
