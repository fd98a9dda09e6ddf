import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Spec } from "./spec.ts";
import { signalGroup, spawnTied } from "./tied-process.ts";

const RUNTIME = fileURLToPath(new URL("./runtime.mjs", import.meta.url));

const MEMORY_SAMPLE_MS = 100;
/** What an environment holds of its own where that cannot be seen: between a tool's and an agent's on Linux. */
const TYPICAL_OWN_MB = 64;

const SIGNAL_WORDS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

/** A line that a function has written. */
export type LogLine = { function: string; stream: "stdout" | "stderr"; text: string };

interface RuntimeOptions {
  /** Folder of the bundle's copy. */
  taskRoot: string;
  /** The environment variables; there are no other ones. */
  variables: Record<string, string>;
  /** Compiled code is kept beside the bundle, for the next process. */
  keepsCompiled?: boolean;
  onLog?: ((line: LogLine) => void) | undefined;
}

/** The process of an execution environment. It ends with this one, and at its limits of time and memory. */
export class RuntimeProcess {
  readonly exited: Promise<void>;
  readonly #memoryMb: number;
  readonly #child: ChildProcess;
  #killed = false;
  #frozen = false;
  /** What it holds of its own, measured once while it is frozen: nothing changes then. */
  #frozenMb: number | undefined;
  #timedOut = false;
  #clock: NodeJS.Timeout | undefined;
  #memoryWatch: NodeJS.Timeout | undefined;

  constructor(spec: Spec, options: RuntimeOptions) {
    this.#memoryMb = spec.memoryMb;
    this.#child = spawnRuntime(spec, options);
    this.exited = new Promise((resolve) => {
      this.#child.once("error", () => resolve());
      this.#child.once("exit", () => resolve());
    });
    void this.exited.then(() => this.unwatch());
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** It ends at any moment, or has ended, because of this host. */
  get killed(): boolean {
    return this.#killed;
  }

  /** It has run for longer than it may. */
  get timedOut(): boolean {
    return this.#timedOut;
  }

  /** AWS's wording for a runtime that ended while it had a request. */
  get exitText(): string {
    const { exitCode, signalCode } = this.#child;
    if (signalCode) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signalCode] ?? signalCode}`;
    if (exitCode) return `Runtime exited with error: exit status ${exitCode}`;
    return "Runtime exited without providing a reason";
  }

  /** What it holds of its own, in MiB, while it is frozen. */
  get frozenMb(): number {
    this.#frozenMb ??= ownMb(this.pid);
    return this.#frozenMb;
  }

  freeze(): void {
    this.#frozen = true;
    signalGroup(this.#child, "SIGSTOP");
  }

  thaw(): void {
    if (this.#frozen) signalGroup(this.#child, "SIGCONT");
    this.#frozen = false;
    this.#frozenMb = undefined;
  }

  kill(): void {
    this.#killed = true;
    signalGroup(this.#child, "SIGKILL");
  }

  /** Kills it in that time, and before if it takes more memory than its function has. */
  watch(seconds: number): void {
    this.unwatch();
    this.#clock = setTimeout(() => {
      this.#timedOut = true;
      this.kill();
    }, seconds * 1000);
    this.#memoryWatch = setInterval(() => {
      if (residentMb(this.pid) > this.#memoryMb) this.kill();
    }, MEMORY_SAMPLE_MS);
  }

  unwatch(): void {
    clearTimeout(this.#clock);
    clearInterval(this.#memoryWatch);
  }
}

function spawnRuntime(
  { name, memoryMb }: Spec,
  { taskRoot, variables, keepsCompiled = false, onLog }: RuntimeOptions,
): ChildProcess {
  const compiled = keepsCompiled ? [`${taskRoot}.compiled`] : [];
  const child = spawnTied(process.execPath, [...heapFlags(memoryMb), RUNTIME, ...compiled], {
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
function residentMb(pid: number | undefined): number {
  return statusMb(pid, "VmRSS") ?? 0;
}

/** The memory of a process that no other one shares, in MiB. */
function ownMb(pid: number | undefined): number {
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
