import { readFileSync } from "node:fs";

const INTERVAL_MS = 250;

/** The most that the execution environments were and took. */
export interface Peak {
  processes: number;
  /** What each holds for itself, together: Node's own code, which all share, is not in it. 0 where Linux is not. */
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

/** A process's own memory. @see https://docs.kernel.org/filesystems/proc.html */
function memoryMb(pid: number): number {
  try {
    const [, kiB = 0] = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return (Number(kiB) * 1024) / 1e6;
  } catch {
    return 0; // It has ended meanwhile.
  }
}
