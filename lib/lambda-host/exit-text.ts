import type { ChildProcess } from "node:child_process";

/** AWS's wording for a runtime that ended while it had a request. */
export function exitText({ exitCode, signalCode }: Pick<ChildProcess, "exitCode" | "signalCode">): string {
  if (signalCode) return `Runtime exited with error: signal: ${SIGNAL_WORDS[signalCode] ?? signalCode}`;
  if (exitCode) return `Runtime exited with error: exit status ${exitCode}`;
  return "Runtime exited without providing a reason";
}

const SIGNAL_WORDS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: "killed",
  SIGABRT: "aborted",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};
