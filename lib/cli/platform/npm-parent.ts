import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** How often the parents are checked, in ms. */
const POLL_MS = 500;

interface Process {
  parent: number;
  commandLine: string;
}

/**
 * Calls `onGone` when the npm that started this process is gone. npm passes on no signal that would end us, nor does a shell
 * that it may put in between. A process that npm did not start may outlive its parent, as with `nohup`, `setsid` or a
 * service manager; one that npm started lives as long as that npm, whatever started npm.
 * @returns a function that stops checking.
 */
export function whenNpmEnds(
  environment: Readonly<Record<string, string | undefined>>,
  onGone: () => void,
): () => void {
  if (environment.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const shell = shellBetween(parent);
  let looking = false;
  const look = async () => {
    if (process.ppid !== parent) return true;
    const between = await shell;
    return between !== undefined && (await readProcess(parent))?.parent !== between.parent;
  };
  const timer = setInterval(async () => {
    if (looking) return;
    looking = true;
    if (await look()) onGone();
    looking = false;
  }, POLL_MS).unref();
  return () => clearInterval(timer);
}

/** The parent, if it is the shell in which npm runs a script. */
async function shellBetween(parent: number): Promise<Process | undefined> {
  const found = await readProcess(parent);
  return found && /^\S*sh -c /.test(found.commandLine) ? found : undefined;
}

/** Undefined if it is gone. */
async function readProcess(pid: number): Promise<Process | undefined> {
  return process.platform === "linux" ? readProc(pid) : askPs(pid);
}

async function readProc(pid: number): Promise<Process | undefined> {
  try {
    const [stat, commandLine] = await Promise.all(
      ["stat", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")),
    );
    // "pid (name) state parent …"; the name may contain anything.
    const parent = Number(/.*\) \S+ (\d+)/s.exec(stat ?? "")?.[1]);
    return { parent, commandLine: (commandLine ?? "").replaceAll("\0", " ") };
  } catch {
    return undefined;
  }
}

async function askPs(pid: number): Promise<Process | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "ppid=,command=", "-p", String(pid)]);
    const [, parent, commandLine = ""] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { parent: Number(parent), commandLine };
  } catch {
    return undefined;
  }
}
