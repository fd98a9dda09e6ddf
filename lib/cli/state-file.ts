import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { afterDeath } from "../lambda-host/index.ts";

/** Journals, logs and the sandbox's mail are nobody else's business, whatever other files of this person may be. */
const OWNER_ONLY = 0o700;
const OWNERS_UMASK = 0o077;

const stateSchema = z.object({
  ingressUrl: z.url(),
  adminUrl: z.url(),
  lambdaUrl: z.url(),
  sandboxUrl: z.url(),
  pids: z.object({ platform: z.int(), restateServer: z.int() }),
});

/** What a running platform tells other programs: `.fanout/state.json`, there exactly while everything is ready. */
export type PlatformState = z.infer<typeof stateSchema>;

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
 * If this process is killed before that, the platform's files are removed all the same. Until then nobody but the owner
 * can read what this process and those that it starts write.
 * @throws Error when another platform runs or starts here.
 */
export function claimProject(root: string): () => void {
  mkdirSync(stateDirectory(root), { recursive: true, mode: OWNER_ONLY });
  // It may have been there with other permissions.
  chmodSync(stateDirectory(root), OWNER_ONLY);
  const other = holderOf(root);
  if (other !== undefined) {
    throw new Error(
      `The local platform already runs here (process ${other}). Ask it with: npx fanout ask "…"`,
    );
  }
  const umask = process.umask(OWNERS_UMASK);
  rmSync(lockFile(root), { force: true });
  writeFileSync(lockFile(root), String(process.pid), { flag: "wx" });
  const files = [stateFile(root), runDirectory(root), lockFile(root)];
  const callOff = afterDeath('rm -rf -- "$@"', ...files);
  return () => {
    for (const file of files) rmSync(file, { recursive: true, force: true });
    process.umask(umask);
    callOff();
  };
}

/** Whoever looks for the file meanwhile finds all of it, or none. */
export function writeState(root: string, platform: PlatformState): void {
  const unfinished = `${stateFile(root)}.new`;
  writeFileSync(unfinished, `${JSON.stringify(stateSchema.parse(platform), null, 2)}\n`);
  renameSync(unfinished, stateFile(root));
}

export function removeState(root: string): void {
  rmSync(stateFile(root), { force: true });
}

/**
 * The state of the platform that is ready in this project; undefined where none is, a dead one's left-over file included.
 * @throws Error when the file is not what a platform writes.
 */
export function readState(root: string): PlatformState | undefined {
  const file = stateFile(root);
  if (!existsSync(file)) return undefined;
  const { success, data: state } = stateSchema.safeParse(parse(readFileSync(file, "utf8")));
  if (success) return isPlatform(state.pids.platform) ? state : undefined;
  throw new Error(
    `${file} is damaged: expected what a running platform writes there. Remove it; if the platform runs, end it and start it again with: npx fanout up`,
  );
}

/** @returns undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function holderOf(root: string): number | undefined {
  if (!existsSync(lockFile(root))) return undefined;
  const pid = Number(readFileSync(lockFile(root), "utf8"));
  return isPlatform(pid) ? pid : undefined;
}

/** The command line, by its file or by the link that npm makes; a folder may be called like it. */
const isProgram = (argument: string) => /(?:^|\/)fanout\.ts$|\/\.bin\/fanout$/.test(argument);

/** Files outlive a restart of the machine or the container, after which the process of that number is another one. */
function isPlatform(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid || !isAlive(pid)) return false;
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, "utf8").split("\0").some(isProgram);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
