import { readFile } from "node:fs/promises";

/** How the start script of Lambda's Node.js runtime divides a function's memory: a tenth is for V8's new space. */
export function heapFlags(memoryMb: number): string[] {
  const newSpace = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(newSpace / 2)}`, `--max-old-space-size=${memoryMb - newSpace}`];
}

/** A process's resident memory in MiB; 0 if it is gone, and on systems other than Linux. */
export async function residentMb(pid: number | undefined): Promise<number> {
  if (process.platform !== "linux") return 0;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}
