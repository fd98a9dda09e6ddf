import { spawn } from "node:child_process";

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
