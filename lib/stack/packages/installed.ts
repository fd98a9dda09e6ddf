import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Constraints } from "./system.ts";

/** What package-lock.json or a package.json says of a package. */
export interface Manifest extends Constraints {
  version?: string;
  /** The package's own name, where it is installed under another one. */
  name?: string;
  /** In the lock: nothing fails if it cannot be installed. */
  optional?: boolean;
  /** In the lock: the project needs it for development, or as a peer of another package, only. */
  dev?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  dependencies?: Readonly<Record<string, string>>;
  optionalDependencies?: Readonly<Record<string, string>>;
  peerDependencies?: Readonly<Record<string, string>>;
  peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
}

/** A project's packages, by their folder from the project's root: `node_modules/a/node_modules/@b/c`. */
export interface Packages {
  /** The project's root. */
  root: string;
  /** @returns undefined if the project neither has nor locks such a package. */
  manifest(path: string): Manifest | undefined;
}

/** Reads package-lock.json, and the packages' own package.json where it does not know them. */
export function readPackages(root: string): Packages {
  const lockFile = join(root, "package-lock.json");
  const locked: Record<string, Manifest> = existsSync(lockFile) ? readJson(lockFile).packages : {};
  return {
    root,
    manifest(path) {
      const own = join(root, path, "package.json");
      return locked[path] ?? (existsSync(own) ? readJson(own) : undefined);
    },
  };
}

const NODE_MODULES = "node_modules/";

/** @returns the folder of the package that a file belongs to, or undefined if it belongs to none. */
export function packageOf(file: string): string | undefined {
  const begin = `/${file}`.indexOf(`/${NODE_MODULES}`);
  return begin < 0 ? undefined : /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.slice(begin))?.[0];
}

/** @returns the name of the package in a folder, as it is imported. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(NODE_MODULES) + NODE_MODULES.length);
}

/** @returns the name of the package at the top of node_modules whose folder is, or holds, a package's. */
export function topOf(path: string): string {
  return /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] as string;
}

/** @returns the folder that Node resolves a package's name to from another package's folder, or undefined. */
export function resolvePackage({ manifest }: Packages, from: string, name: string): string | undefined {
  for (let folder = `${from}/`; ; ) {
    const path = `${folder}${NODE_MODULES}${name}`;
    if (manifest(path)) return path;
    if (folder === "") return undefined;
    folder = folder.slice(0, folder.lastIndexOf(NODE_MODULES, folder.length - 2));
  }
}

/** The names of the packages that a package may import. */
export function dependenciesOf(manifest: Manifest) {
  const { dependencies, optionalDependencies = {}, peerDependencies, peerDependenciesMeta = {} } = manifest;
  const all = Object.keys({ ...peerDependencies, ...dependencies, ...optionalDependencies });
  return {
    all,
    /** Without those that it can do without. */
    required: all.filter((name) => !(name in optionalDependencies) && !peerDependenciesMeta[name]?.optional),
    /** Those that npm leaves out where they are not for the system. */
    optional: Object.keys(optionalDependencies),
  };
}

interface Reach {
  /** What is left out, with what only it depends on, is not accepted. Default: nothing is. */
  accepts?: (path: string) => boolean;
  /** Default: `all`. */
  kind?: "all" | "required";
}

/** @returns packages with everything that they depend on, sorted; without what is neither installed nor locked. */
export function withDependencies(
  packages: Packages,
  paths: Iterable<string>,
  { accepts = () => true, kind = "all" }: Reach = {},
): string[] {
  const reached = new Set([...paths].filter(accepts));
  // A set's iteration goes on to what is added meanwhile.
  for (const path of reached) {
    for (const name of dependenciesOf(packages.manifest(path) ?? {})[kind]) {
      const dependency = resolvePackage(packages, path, name);
      if (dependency !== undefined && accepts(dependency)) reached.add(dependency);
    }
  }
  return [...reached].sort();
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, "utf8"));
}
