import { readFileSync } from "node:fs";

const INTERVAL_MS = 250;

/** The most that the execution environments were and took. */
export interface Peak {
  processes: number;
  /** What they hold of the machine's memory, shared pages divided among those that share them; 0 where Linux is not. */
  memoryMb: number;
}

/**
 * Looks at processes four times a second.
 * @returns a function that ends it, and returns what was seen.
 */
export function watch(pids: () => number[]): () => Peak {
  const peak: Peak = { processes: 0, memoryMb: 0 };
  const look = () => {
    const now = pids();
    peak.processes = Math.max(peak.processes, now.length);
    peak.memoryMb = Math.max(
      peak.memoryMb,
      now.reduce((sum, pid) => sum + memoryMb(pid), 0),
    );
  };
  const timer = setInterval(look, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    look();
    return peak;
  };
}

/** A process's proportional set size. @see https://docs.kernel.org/filesystems/proc.html */
function memoryMb(pid: number): number {
  try {
    const [, kB] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    return Number(kB ?? 0) / 1024;
  } catch {
    return 0; // It has ended meanwhile.
  }
}
