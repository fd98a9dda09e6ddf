import { createHash, hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Stands for the content of a path where there is nothing. */
const NOTHING = "nothing";

/** Digests of files and folders as they are now. Each is read once, so an instance is for one look only. */
export class Digests {
  readonly #leavesOut: (name: string) => boolean;
  readonly #known = new Map<string, string>();
  #newest = 0;

  /** @param leavesOut by a file's or folder's name, what no folder's digest depends on. Default: nothing. */
  constructor(leavesOut: (name: string) => boolean = () => false) {
    this.#leavesOut = leavesOut;
  }

  /** When the newest of the files that were read has changed (Unix ms). */
  get newest(): number {
    return this.#newest;
  }

  /** Of a file's content, or of the names and contents of everything in a folder. Where nothing is, there is a digest too. */
  contents(path: string): string {
    const known = this.#known.get(path) ?? this.#read(path);
    this.#known.set(path, known);
    return known;
  }

  /** Of the names of what is in a folder. */
  names(folder: string): string {
    return isFolder(folder) ? digestOf(this.#list(folder)) : NOTHING;
  }

  #read(path: string): string {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return NOTHING;
    this.#newest = Math.max(this.#newest, found.ctimeMs);
    if (!found.isDirectory()) return createHash("sha256").update(readFileSync(path)).digest("hex");
    return digestOf(this.#list(path).map((name) => [name, this.contents(join(path, name))]));
  }

  #list(folder: string): string[] {
    return readdirSync(folder)
      .filter((name) => !this.#leavesOut(name))
      .sort();
  }
}

/** Of a JSON value. */
export function digestOf(value: unknown): string {
  return hash("sha256", JSON.stringify(value));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
