import { execFile } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Platform } from "../../local/index.ts";
import { envFile } from "../environment.ts";
import type { TypeChecker } from "./type-checker.ts";

/** Where the functions' code may come from, and their scaling by stage. */
const WATCHED = ["functions", "lib", "bin"];
/** Tests are no part of a function. */
const TEST = /\.test\.ts$/;
/**
 * How often the files are checked, and how long they have to be quiet before they are deployed, in ms. Checking 300 files
 * takes 1 ms, and sees changes in mounted and shared folders too, which no system reports as events.
 */
const POLL_MS = 300;

interface WatchOptions {
  /** Tells a person something. */
  say: (text: string) => void;
  /** Checks the types of what has changed, in parallel with the deployment. */
  types: TypeChecker;
}

/**
 * Starts watching the project's files.
 * @returns a function that deploys to a platform whenever the files change, until `over` aborts. It says which functions got
 * a new version, or why none did.
 */
export function watchProject(root: string, { say, types }: WatchOptions) {
  let deployed = snapshot(root);
  let seen = deployed;
  const hasSettled = () => {
    const before = seen;
    seen = snapshot(root);
    return seen === before && seen !== deployed;
  };
  const deployTo = async (platform: Pick<Platform, "deploy">) => {
    if (standInsIn(seen) !== standInsIn(deployed)) say("Stand-ins have changed: from the next start on.");
    deployed = seen;
    await sync(root);
    // The files just generated are not a change; whatever is written from here on is.
    deployed = snapshot(root);
    types.check();
    for (const { name, version } of await platform.deploy()) say(`${name}: version ${version}`);
  };
  return async (platform: Pick<Platform, "deploy">, over: AbortSignal): Promise<void> => {
    while (!over.aborted) {
      if (hasSettled())
        await deployTo(platform).catch(({ message }: Error) => {
          if (!over.aborted) say(`${message}\nWhat ran before still runs.`);
        });
      await sleep(POLL_MS, undefined, { signal: over }).catch(() => {});
    }
  };
}

/** In a separate process: this one keeps the contracts as they were when it first read them. */
async function sync(root: string): Promise<void> {
  const program = process.argv[1] as string;
  const run = promisify(execFile)(process.execPath, [program, "sync"], { cwd: root });
  await run.catch(({ stderr, message }) => Promise.reject(new Error(stderr?.trim() || message)));
}

/** Changes when a file is written, added, moved or removed. */
function snapshot(root: string): string {
  try {
    const stamps = WATCHED.map((folder) => join(root, folder))
      .filter((folder) => existsSync(folder))
      .flatMap((folder) =>
        readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && !TEST.test(entry.name))
          .map(({ parentPath, name }) => stamp(join(parentPath, name))),
      );
    return [...stamps, stamp(envFile(root))].join("\n");
  } catch {
    return "a folder was removed while it was read";
  }
}

/** The part of a snapshot about stand-ins, which the platform reads only once. */
const standInsIn = (files: string) =>
  files
    .split("\n")
    .filter((line) => /\/stand-in(\.ts|\/)/.test(line))
    .join("\n");

/** A file may have been removed since it was listed. */
function stamp(path: string): string {
  const { mtimeMs, size, ino } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${path} ${mtimeMs} ${size} ${ino}`;
}
