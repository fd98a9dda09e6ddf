import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";

const SETPRIV_PATHS = ["/usr/bin/setpriv", "/bin/setpriv"];

/** The path of Linux's `setpriv`; null where there is none. */
export function findSetpriv(): string | null {
  if (process.platform !== "linux") return null;
  return SETPRIV_PATHS.find(isExecutable) ?? null;
}

/**
 * Starts a process that does not outlive this one, even if this one is killed with SIGKILL and the child is stopped.
 *
 * Linux: `setpriv` asks the kernel to kill the child when its parent dies, then becomes the child (same pid).
 * Elsewhere, macOS included: a shell with a pipe from this process waits for the pipe's end and then kills the child.
 * That is best effort: somebody who kills the shell as well gets no help.
 *
 * The child leads its own process group, so Ctrl-C in a terminal reaches only this process, which then stops its
 * children in its own order; `signalGroup` reaches the child and whatever the child started.
 */
export function spawnTied(
  command: string,
  args: string[],
  options: SpawnOptions,
  setpriv: string | null = findSetpriv(),
): ChildProcess {
  const detached = { ...options, detached: true };
  if (setpriv) return spawn(setpriv, ["--pdeathsig", "KILL", "--", command, ...args], detached);
  const child = spawn(command, args, detached);
  // Calling it off matters: a pid that is free again may soon belong to another process.
  if (child.pid) child.once("exit", afterDeath('kill -KILL "-$1"', String(child.pid)));
  return child;
}

/** Sends a signal to a tied process and all of its descendants; one that is gone already is no error. */
export function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a shell script if this process ends without having called the returned function, SIGKILL included.
 * The script sees `args` as `$1`, `$2`, … and runs in a session of its own with an empty environment.
 */
export function afterDeath(script: string, ...args: string[]): () => void {
  const shell = spawn("/bin/sh", ["-c", `read -r line || { ${script}; }`, "after-death", ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
  });
  // The shell waits on a pipe that only this process holds: its end without a line means that this process is gone.
  shell.stdin?.on("error", () => {});
  (shell.stdin as unknown as { unref(): void }).unref();
  shell.unref();
  return () => void shell.stdin?.end("done\n");
}
