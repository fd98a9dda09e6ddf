import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const stateSchema = z.object({
  ingressUrl: z.url(),
  adminUrl: z.url(),
  lambdaUrl: z.url(),
  sandboxUrl: z.url(),
  routesUrl: z.url(),
  pids: z.object({ platform: z.int(), restateServer: z.int() }),
});

/** What a running platform tells other programs: `.fanout/state.json`, which exists exactly while everything is ready. */
export type PlatformState = z.infer<typeof stateSchema>;

/** Where the local platform of a project writes. */
export function platformFiles(root: string) {
  const folder = join(root, ".fanout");
  return {
    /** The folder that holds them all. */
    folder,
    /** What other programs read; exists exactly while a platform is ready. */
    state: join(folder, "state.json"),
    /** What the functions of the platform that runs, or ran last, have written. */
    functionsLog: join(folder, "functions.log"),
    /** Keeps a second platform away. */
    lock: join(folder, "lock"),
    /** The platform's own files, which are removed when it ends. */
    run: join(folder, "run"),
    /** What outlives the platform, so that runs in flight go on with the next one. */
    data: join(folder, "data"),
  };
}

/** Writes the file under another name first, so that a reader finds all of it or nothing. */
export function writeState(root: string, platform: PlatformState): void {
  const { state } = platformFiles(root);
  const unfinished = `${state}.new`;
  writeFileSync(unfinished, `${JSON.stringify(stateSchema.parse(platform), null, 2)}\n`);
  renameSync(unfinished, state);
}

export function removeState(root: string): void {
  rmSync(platformFiles(root).state, { force: true });
}

/**
 * The state of the platform that is ready in this project; undefined if none is, even if a dead one left its file.
 * @throws Error when the file is not what a platform writes.
 */
export function readState(root: string): PlatformState | undefined {
  const file = platformFiles(root).state;
  if (!existsSync(file)) return undefined;
  const { success, data: state } = stateSchema.safeParse(parse(readFileSync(file, "utf8")));
  if (success) return isPlatform(state.pids.platform) ? state : undefined;
  throw new Error(
    `${file} is damaged: expected what a running platform writes there. Remove it; if the platform runs, end it and start it again with: npx fanout up`,
  );
}

/** @returns undefined if it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The command line, by its file or by the link that npm makes; a folder may have the same name. */
const isProgram = (argument: string) => /(?:^|\/)fanout\.[jt]s$|\/\.bin\/fanout$/.test(argument);

/**
 * Whether the process that a file names is a platform. Files outlive a restart of the machine or the container, after which
 * another process may have that id.
 */
export function isPlatform(pid: number): boolean {
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
