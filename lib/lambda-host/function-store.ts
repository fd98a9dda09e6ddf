import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type FunctionRecord, functionRecord } from "./function-record.ts";

const contents = z.object({ functions: z.array(functionRecord) });

/**
 * Functions in a folder, for a host that goes on where another one was: `functions.json`, and their code as
 * `code/<function>/<folder>`. No function runs from there: in a project's folder it would find the project's packages.
 */
export class FunctionStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws Error if what is there cannot be read, or if code is missing. */
  read(): FunctionRecord[] {
    if (!existsSync(this.#file)) return [];
    try {
      const { functions } = contents.parse(JSON.parse(readFileSync(this.#file, "utf8")));
      for (const { name, versions } of functions)
        for (const folder of foldersOf(versions)) readdirSync(this.#codeOf(name, folder));
      return functions;
    } catch (cause) {
      throw new Error(
        `${this.#file} should list the Lambda host's functions, whose code is beside it, and cannot be read.`,
        { cause },
      );
    }
  }

  /** Copies a function's code to where it is to run, `<codeRoot>/<folder>`. */
  checkOut({ name, versions }: FunctionRecord, codeRoot: string): void {
    for (const folder of foldersOf(versions))
      cpSync(this.#codeOf(name, folder), join(codeRoot, folder), { recursive: true });
  }

  /**
   * Keeps these functions and no others, with the code of their versions.
   * @param codeRoot where the code runs from: `<codeRoot>/<function>/<folder>`.
   */
  write(functions: readonly FunctionRecord[], codeRoot: string): void {
    mkdirSync(this.#folder, { recursive: true });
    for (const { name, versions } of functions)
      for (const folder of foldersOf(versions)) this.#keepCode(name, folder, join(codeRoot, name, folder));
    // A process that is killed here leaves either the old file or the new one.
    writeFileSync(`${this.#file}.new`, JSON.stringify({ functions }));
    renameSync(`${this.#file}.new`, this.#file);
    for (const { name, versions } of functions) this.#dropCode(name, foldersOf(versions));
  }

  get #file(): string {
    return join(this.#folder, "functions.json");
  }

  #codeOf(name: string, folder = ""): string {
    return join(this.#folder, "code", name, folder);
  }

  /** A folder gets its name when it is whole, and never changes then. */
  #keepCode(name: string, folder: string, source: string): void {
    const kept = this.#codeOf(name, folder);
    if (existsSync(kept)) return;
    const partial = join(this.#folder, "partial");
    rmSync(partial, { recursive: true, force: true });
    cpSync(source, partial, { recursive: true });
    mkdirSync(this.#codeOf(name), { recursive: true });
    renameSync(partial, kept);
  }

  #dropCode(name: string, needed: ReadonlySet<string>): void {
    if (!existsSync(this.#codeOf(name))) return;
    for (const folder of readdirSync(this.#codeOf(name)))
      if (!needed.has(folder)) rmSync(this.#codeOf(name, folder), { recursive: true });
  }
}

function foldersOf(versions: FunctionRecord["versions"]): Set<string> {
  return new Set(versions.map(({ code }) => code.folder));
}
