import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FunctionStore } from "../lambda-host/index.ts";
import { Fingerprints } from "./fingerprints.ts";
import { restateServerVersion } from "./restate/binary.ts";

/** What outlives a platform: Restate's journals and state, and the function versions that runs in flight began on. */
export interface PlatformData {
  /** restate-server's folder. */
  restate: string;
  /** The Lambda host's folder. */
  lambda: string;
  /** What is deployed. */
  fingerprints: Fingerprints;
  /** The version of restate-server that last wrote it; undefined if there is no data yet. */
  writtenBy: string | undefined;
  /** Records that this restate-server writes it from now on. */
  taken(): void;
}

/** What a person can do about unusable data. */
export const BEGIN_ANEW = "To begin anew, without the runs and the state in it: npx fanout up --fresh";

/**
 * Opens the data of an earlier platform, or makes room for the first one's.
 * @throws Error when a part of it is missing or cannot be read.
 */
export function openData(folder: string): PlatformData {
  mkdirSync(folder, { recursive: true });
  const [restate, lambda, deployed, version] = [
    "restate",
    "lambda",
    "deployed.json",
    "restate-server-version",
  ].map((name) => join(folder, name)) as [string, string, string, string];
  // Otherwise version numbers would be used twice, or runs in flight would be lost, silently.
  for (const part of [restate, join(lambda, "functions.json")])
    if (existsSync(deployed) && !existsSync(part))
      throw new Error(`The local platform's data is not whole: there is no ${part}.\n${BEGIN_ANEW}`);
  readable(() => new FunctionStore(lambda).read());
  return {
    restate,
    lambda,
    fingerprints: readable(() => new Fingerprints(deployed)),
    writtenBy: existsSync(version) ? readFileSync(version, "utf8") : undefined,
    taken: () => writeFileSync(version, restateServerVersion()),
  };
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`The local platform's data is damaged: ${(cause as Error).message}\n${BEGIN_ANEW}`, {
      cause,
    });
  }
}
