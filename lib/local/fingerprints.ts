import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** What is in use of each function: a fingerprint of its code and configuration. Kept in a file if one is given. */
export class Fingerprints {
  readonly #file: string | undefined;
  #inUse = new Map<string, string>();

  /** @throws Error if the file exists and cannot be read. */
  constructor(file?: string) {
    this.#file = file;
    if (file !== undefined && existsSync(file))
      this.#inUse = new Map(Object.entries(JSON.parse(readFileSync(file, "utf8"))));
  }

  of(name: string): string | undefined {
    return this.#inUse.get(name);
  }

  set(name: string, fingerprint: string): void {
    this.#inUse.set(name, fingerprint);
    this.#write();
  }

  /** Forgets the other functions: any that the app still has are deployed again. */
  keepOnly(isInUse: (name: string) => boolean): void {
    this.#inUse = new Map([...this.#inUse].filter(([name]) => isInUse(name)));
    this.#write();
  }

  #write(): void {
    if (this.#file === undefined) return;
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#inUse)));
    renameSync(`${this.#file}.new`, this.#file);
  }
}
