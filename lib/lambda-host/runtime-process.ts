import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Spec } from "./spec.ts";
import { spawnTied } from "./tied-process.ts";

const RUNTIME = fileURLToPath(new URL("./runtime.mjs", import.meta.url));

/** A line that a function has written. */
export type LogLine = { function: string; stream: "stdout" | "stderr"; text: string };

/** Starts the process of an execution environment, with these environment variables and no other ones. */
export function spawnRuntime(
  { name, memoryMb }: Spec,
  {
    taskRoot,
    variables,
    onLog,
  }: { taskRoot: string; variables: Record<string, string>; onLog?: ((line: LogLine) => void) | undefined },
): ChildProcess {
  const child = spawnTied(process.execPath, [...heapFlags(memoryMb), RUNTIME], {
    cwd: taskRoot,
    env: variables,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of ["stdout", "stderr"] as const) {
    const source = child[stream];
    if (!source) continue;
    if (!onLog) source.resume();
    else createInterface({ input: source }).on("line", (text) => onLog({ function: name, stream, text }));
  }
  return child;
}

/** How the start script of Lambda's Node.js runtime divides a function's memory: a tenth is for V8's new space. */
function heapFlags(memoryMb: number): string[] {
  const newSpace = Math.floor(memoryMb / 10);
  return [`--max-semi-space-size=${Math.floor(newSpace / 2)}`, `--max-old-space-size=${memoryMb - newSpace}`];
}

/** A process's resident memory in MiB; 0 if it is gone, and on systems other than Linux. */
export function residentMb(pid: number | undefined): number {
  return statusMb(pid, "VmRSS") ?? 0;
}

/** What an environment holds of its own where that cannot be seen: between a tool's and an agent's on Linux. */
const TYPICAL_OWN_MB = 64;

/** The memory of a process that no other one shares, in MiB. */
export function ownMb(pid: number | undefined): number {
  return statusMb(pid, "RssAnon") ?? TYPICAL_OWN_MB;
}

/**
 * Undefined on systems other than Linux. The kernel answers from memory: to wait for it costs ten times as much.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
 */
function statusMb(pid: number | undefined, field: "VmRSS" | "RssAnon"): number | undefined {
  if (process.platform !== "linux") return undefined;
  const [, kib = 0] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status(pid)) ?? [];
  return Number(kib) / 1024;
}

function status(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

const SIGNAL_WORDS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

/** AWS's wording for a runtime that ended while it had a request. */
export function exitText({ exitCode, signalCode }: Pick<ChildProcess, "exitCode" | "signalCode">): string {
  if (signalCode) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signalCode] ?? signalCode}`;
  if (exitCode) return `Runtime exited with error: exit status ${exitCode}`;
  return "Runtime exited without providing a reason";
}
