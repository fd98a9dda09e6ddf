import { createHash, hash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Stands for the content of a path where there is nothing. */
const NOTHING = "nothing";

interface Known {
  digest: string;
  /** When it changed, or the newest file in it (Unix ms); 0 where nothing is. */
  changedAt: number;
}

/** Digests of files and folders as they are now. Each is read once, so an instance is for one look only. */
export class Digests {
  readonly #leavesOut: (name: string) => boolean;
  readonly #known = new Map<string, Known>();

  /** @param leavesOut by a file's or folder's name, what no folder's digest depends on. Default: nothing. */
  constructor(leavesOut: (name: string) => boolean = () => false) {
    this.#leavesOut = leavesOut;
  }

  /** Of a file's content, or of the names and contents of everything in a folder. Where nothing is, there is a digest too. */
  contents(path: string): string {
    return this.#look(path).digest;
  }

  /** When a file, or anything in a folder, has changed (Unix ms); 0 where nothing is. */
  changedAt(path: string): number {
    return this.#look(path).changedAt;
  }

  /** Of the names of what is in a folder. */
  names(folder: string): string {
    return isFolder(folder) ? digestOf(this.#list(folder)) : NOTHING;
  }

  #look(path: string): Known {
    const known = this.#known.get(path) ?? this.#read(path);
    this.#known.set(path, known);
    return known;
  }

  #read(path: string): Known {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return { digest: NOTHING, changedAt: 0 };
    if (!found.isDirectory()) return { digest: digestOfFile(path, found.mode), changedAt: found.ctimeMs };
    const inside = this.#list(path).map((name) => [name, this.#look(join(path, name))] as const);
    return {
      digest: digestOf(inside.map(([name, { digest }]) => [name, digest])),
      changedAt: Math.max(found.ctimeMs, ...inside.map(([, { changedAt }]) => changedAt)),
    };
  }

  #list(folder: string): string[] {
    return readdirSync(folder)
      .filter((name) => !this.#leavesOut(name))
      .sort();
  }
}

const EXECUTABLE = 0o100;

function digestOfFile(path: string, mode: number): string {
  const content = createHash("sha256").update(readFileSync(path)).digest("hex");
  return mode & EXECUTABLE ? `${content} executable` : content;
}

/** Of a JSON value. */
export function digestOf(value: unknown): string {
  return hash("sha256", JSON.stringify(value));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
