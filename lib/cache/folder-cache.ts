import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { copyFolder, linkFolder } from "./copy-folder.ts";
import { Digests, digestOf } from "./digests.ts";
import {
  type InputRecord,
  type Inputs,
  inputsOf,
  isOlder,
  isUnchanged,
  type Places,
  projectDigests,
  recordInputs,
} from "./inputs.ts";

/** What is being written has this name, until it is whole. */
const UNFINISHED = "unfinished-";
/** After this time its writer has been killed, in ms. */
const ABANDONED_MS = 3_600_000;

/** `key-<digest of the inputs>/made` is the folder, and this beside it says what it was made from. */
const RECORD = "record.json";

interface EntryRecord {
  inputs: InputRecord;
  /** The folder's digest. */
  made: string;
}

/**
 * Folders that took long to make, kept by the contents of the files that they were made from. Any number of processes may
 * use it at the same time. It is only ever a help: where it cannot be read or written, everything is made again.
 */
export class FolderCache {
  readonly #folder: string;
  readonly #most: number;
  readonly #copy: (from: string, to: string) => void;
  /** Each file is read once for all that is taken, and once for all that is kept. */
  readonly #before = projectDigests();
  readonly #after = projectDigests();

  /**
   * @param most how many folders are kept; beyond that, those that were not used for the longest time are removed.
   * @param onlyRead whether nobody writes into a folder that was taken or kept: then it takes no time to copy. Default: false.
   */
  constructor(folder: string, most: number, { onlyRead = false } = {}) {
    this.#folder = folder;
    this.#most = most;
    this.#copy = onlyRead ? linkFolder : copyFolder;
  }

  /**
   * Copies a kept folder if everything it was made from is as it was.
   * @param key names everything that was known before the folder was made.
   * @param to where the copy goes; what is there is removed.
   * @returns what the folder was made from; undefined if there is none.
   */
  take(key: string, to: string, places: Places): Inputs | undefined {
    rmSync(to, { recursive: true, force: true });
    for (const entry of this.#entries((name) => name.startsWith(`${key}-`))) {
      try {
        const { inputs, made }: EntryRecord = JSON.parse(readFileSync(join(entry, RECORD), "utf8"));
        if (!isUnchanged(inputs, places, this.#before)) continue;
        this.#copy(join(entry, "made"), to);
        // It may be damaged, or have been removed meanwhile.
        if (new Digests().contents(to) === made) {
          attempt(() => utimesSync(entry, new Date(), new Date()));
          return inputsOf(inputs, places);
        }
      } catch {}
      remove(to);
      remove(entry);
    }
    return undefined;
  }

  /**
   * Keeps a copy of a folder, after everything was taken.
   * @param made the folder.
   * @param from what it was made from. What has changed since `begun` (Unix ms) may have been read before that: then nothing is
   * kept.
   */
  keep(key: string, made: string, from: { inputs: Inputs; places: Places; begun: number }): void {
    attempt(() => {
      if (!isOlder(from.inputs, from.begun, this.#after)) return;
      const inputs = recordInputs(from.inputs, from.places, this.#after);
      mkdirSync(this.#folder, { recursive: true });
      const unfinished = mkdtempSync(join(this.#folder, UNFINISHED));
      try {
        this.#copy(made, join(unfinished, "made"));
        const record: EntryRecord = { inputs, made: new Digests().contents(join(unfinished, "made")) };
        writeFileSync(join(unfinished, RECORD), JSON.stringify(record));
        // Fails if another process was faster.
        renameSync(unfinished, join(this.#folder, `${key}-${digestOf(inputs)}`));
      } finally {
        remove(unfinished);
      }
      this.#removeOld();
    });
  }

  #removeOld(): void {
    for (const entry of this.#entries((name) => !name.startsWith(UNFINISHED)).slice(this.#most))
      remove(entry);
    for (const entry of this.#entries((name) => name.startsWith(UNFINISHED)))
      if (Date.now() - changedAt(entry) > ABANDONED_MS) remove(entry);
  }

  /** The last used first. */
  #entries(is: (name: string) => boolean): string[] {
    return namesIn(this.#folder)
      .filter(is)
      .map((name) => join(this.#folder, name))
      .map((path) => ({ path, at: changedAt(path) }))
      .sort((a, b) => b.at - a.at)
      .map(({ path }) => path);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const changedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const remove = (path: string) => attempt(() => rmSync(path, { recursive: true, force: true }));

/** The folder may be read-only, full or gone. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {}
}
