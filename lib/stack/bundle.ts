import { join, relative } from "node:path";
import {
  cacheFolder,
  digestOf,
  FolderCache,
  type Inputs,
  isIn,
  projectDigests,
  toolchain,
} from "../cache/index.ts";
import type { Code } from "./infra.ts";
import { type BundleSetting, makeBundles } from "./make-bundles.ts";
import type { System } from "./packages/system.ts";

/** Lambda's `Handler` setting for a bundle. */
export const BUNDLE_HANDLER = "index.handler";

/** A bundle takes 3 MB to 6 MB. A larger project keeps all of its bundles twice: as they were before a change, and after. */
const MOST_KEPT = 80;

interface BundleOptions {
  /** The system that the functions run on. Default: this machine, with the packages as they are installed here. */
  system?: System | undefined;
  /** The folder with the functions, package-lock.json and node_modules. Default: the working folder. */
  root?: string;
  /** What bundles have beside what their code imports, by function. Default: nothing. */
  code?: (name: string) => Code | undefined;
}

/**
 * Bundles every function whose sources have changed since its bundle was last made; the others' bundles were kept.
 * @param entries the functions' handler files by name.
 * @param outDir gets a folder for each function, with its bundle in `index.mjs`.
 * @returns what the bundles were made from.
 * @throws PackageError when a package is not available for the system.
 */
export function bundleFunctions(
  entries: Readonly<Record<string, string>>,
  outDir: string,
  { system, root = process.cwd(), code = () => undefined }: BundleOptions = {},
): Inputs {
  const begun = Date.now();
  const setting = { root, outDir, system, code };
  const most = Math.max(MOST_KEPT, 2 * Object.keys(entries).length);
  const cache = new FolderCache(cacheFolder(root, "bundles"), most);
  const places = { root, out: outDir };
  const keyOf = keysOf(setting);
  const functions = Object.entries(entries).map(([name, entry]) => {
    const [key, folder] = [keyOf(name, entry), join(outDir, name)];
    return { name, entry, key, folder, kept: key && cache.take(key, folder, places) };
  });
  const changed = functions.flatMap(({ name, entry, kept }) => (kept ? [] : [[name, entry]]));
  const made = new Map(
    makeBundles(Object.fromEntries(changed), setting).map((one) => [one.name, one.inputs]),
  );
  const all = functions.map(({ name, key, folder, kept }) => {
    const inputs = kept || (made.get(name) as Inputs);
    if (key && !kept) cache.keep(key, folder, { inputs, places, begun });
    return inputs;
  });
  return {
    contents: [...new Set(all.flatMap(({ contents }) => contents))],
    names: [...new Set(all.flatMap(({ names }) => names))],
  };
}

/** Names what is known of a bundle before it is made, this folder's code included; undefined for one that is not kept. */
function keysOf({ root, outDir, system, code }: Required<BundleSetting>) {
  const tools = toolchain(root);
  const bundler = tools && projectDigests().contents(import.meta.dirname);
  return (name: string, entry: string): string | undefined => {
    if (!tools) return undefined;
    const place = isIn(outDir, entry) ? outDir : root;
    const what = [system ?? "here", code(name) ?? {}];
    return digestOf([tools, bundler, ...what, name, place === outDir, relative(place, entry)]);
  };
}
