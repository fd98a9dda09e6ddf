import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  cacheFolder,
  digestOf,
  FolderCache,
  type Inputs,
  projectDigests,
  toolchain,
} from "../cache/index.ts";
import { BUNDLE_INPUTS } from "../deployment/index.ts";

/** An assembly takes some 50 MB. */
const MOST_KEPT = 4;
/** The folders with everything that a project's app is made from, beside its packages and settings. */
const SOURCES = ["bin", "functions", "lib"];

interface Assembly {
  root: string;
  outDir: string;
  model: string | undefined;
}

/**
 * Cloud assemblies that were made before. Each is known by everything that synthesis reads: the project's sources and
 * settings, the model, Node, the packages that npm has installed, and any other file that went into a bundle or was loaded.
 */
export class KeptAssembly {
  readonly #assembly: Assembly;
  readonly #cache: FolderCache;
  readonly #key: string | undefined;
  readonly #begun = Date.now();

  constructor(assembly: Assembly) {
    this.#assembly = assembly;
    this.#cache = new FolderCache(cacheFolder(assembly.root, "assemblies"), MOST_KEPT, { onlyRead: true });
    this.#key = keyOf(assembly);
  }

  /** @returns whether there is one. */
  take(): boolean {
    const { root, outDir } = this.#assembly;
    return (
      this.#key !== undefined && this.#cache.take(this.#key, outDir, { root, out: outDir }) !== undefined
    );
  }

  /**
   * Keeps the assembly, unless its sources have changed meanwhile.
   * @param modules a file that lists the files that the app has loaded.
   */
  keep(modules: string): void {
    const { root, outDir } = this.#assembly;
    const loaded = read<string[]>(modules);
    const bundled = read<Inputs>(join(outDir, BUNDLE_INPUTS));
    if (!this.#key || !loaded || !bundled || keyOf(this.#assembly) !== this.#key) return;
    const inputs = { contents: [...bundled.contents, ...loaded], names: bundled.names };
    this.#cache.keep(this.#key, outDir, { inputs, places: { root, out: outDir }, begun: this.#begun });
  }
}

function keyOf({ root, model }: Assembly): string | undefined {
  const tools = toolchain(root);
  const now = projectDigests();
  const sources = () => SOURCES.map((folder) => now.contents(join(root, folder)));
  return tools && digestOf([tools, model ?? null, sources()]);
}

/** @returns undefined if the app has not written it, because it is not made with this kit. */
function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
