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

const stateFile = (root: string) => join(stateDirectory(root), "state.json");

export function writeState(
  root: string,
  { ingressUrl, adminUrl, lambdaUrl, sandboxUrl, pids }: PlatformState,
): void {
  mkdirSync(stateDirectory(root), { recursive: true });
  writeFileSync(
    stateFile(root),
    `${JSON.stringify({ ingressUrl, adminUrl, lambdaUrl, sandboxUrl, pids }, null, 2)}\n`,
  );
}

export function removeState(root: string): void {
  rmSync(stateFile(root), { force: true });
}

/** Removes the state and the platform's files if this process is killed before it can; call the result when it could. */
export function clearStateAfterDeath(root: string): () => void {
  return afterDeath('rm -rf -- "$1" "$2"', stateFile(root), join(stateDirectory(root), "run"));
}

/** The state of the platform that runs in this project; undefined where none does, a killed one's left-over file included. */
export function readState(root: string): PlatformState | undefined {
  if (!existsSync(stateFile(root))) return undefined;
  const state = JSON.parse(readFileSync(stateFile(root), "utf8")) as PlatformState;
  return isAlive(state.pids.platform) ? state : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
