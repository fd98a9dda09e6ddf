import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterDeath } from "../local/lambda/after-death.ts";

/** What a running platform tells other programs: `.fanout/state.json`, there exactly while everything is ready. */
export interface PlatformState {
  ingressUrl: string;
  adminUrl: string;
  lambdaUrl: string;
  sandboxUrl: string;
  pids: { platform: number; restateServer: number };
}

/** The folder of everything that the local platform writes. */
export function stateDirectory(root: string): string {
  return join(root, ".fanout");
}

/** The platform's own files, which go when it ends. */
export function runDirectory(root: string): string {
  return join(stateDirectory(root), "run");
}

/** What outlives the platform, so that runs in flight go on with the next one. */
export function dataDirectory(root: string): string {
  return join(stateDirectory(root), "data");
}

const stateFile = (root: string) => join(stateDirectory(root), "state.json");
const lockFile = (root: string) => join(stateDirectory(root), "lock");

/**
 * Makes this process the project's one platform, before it is ready and until the returned function is called.
 * If this process is killed before that, the platform's files are removed all the same.
 * @throws Error when another platform runs or starts here.
 */
export function claimProject(root: string): () => void {
  mkdirSync(stateDirectory(root), { recursive: true });
  const other = holderOf(root);
  if (other !== undefined) {
    throw new Error(
      `The local platform already runs here (process ${other}). Ask it with: npx fanout ask "…"`,
    );
  }
  rmSync(lockFile(root), { force: true });
  writeFileSync(lockFile(root), String(process.pid), { flag: "wx" });
  const files = [stateFile(root), runDirectory(root), lockFile(root)];
  const callOff = afterDeath('rm -rf -- "$@"', ...files);
  return () => {
    for (const file of files) rmSync(file, { recursive: true, force: true });
    callOff();
  };
}

export function writeState(
  root: string,
  { ingressUrl, adminUrl, lambdaUrl, sandboxUrl, pids }: PlatformState,
): void {
  const state = { ingressUrl, adminUrl, lambdaUrl, sandboxUrl, pids };
  writeFileSync(stateFile(root), `${JSON.stringify(state, null, 2)}\n`);
}

export function removeState(root: string): void {
  rmSync(stateFile(root), { force: true });
}

/** The state of the platform that is ready in this project; undefined where none is, a dead one's left-over file included. */
export function readState(root: string): PlatformState | undefined {
  if (!existsSync(stateFile(root))) return undefined;
  const state = JSON.parse(readFileSync(stateFile(root), "utf8")) as PlatformState;
  return isPlatform(state.pids.platform) ? state : undefined;
}

function holderOf(root: string): number | undefined {
  if (!existsSync(lockFile(root))) return undefined;
  const pid = Number(readFileSync(lockFile(root), "utf8"));
  return isPlatform(pid) ? pid : undefined;
}

/** Files outlive a restart of the machine or the container, after which the process of that number is another one. */
function isPlatform(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid || !isAlive(pid)) return false;
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, "utf8").includes("fanout");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
