import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Constraints } from "./system.ts";

/** What package-lock.json or a package.json says about a package. */
export interface Manifest extends Constraints {
  version?: string;
  /** The package's own name, if it is installed under another one. */
  name?: string;
  /** In the lock: if it cannot be installed, nothing fails. */
  optional?: boolean;
  /** In the lock: the project needs it only for development, or as a peer of another package. */
  dev?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  dependencies?: Readonly<Record<string, string>>;
  optionalDependencies?: Readonly<Record<string, string>>;
  peerDependencies?: Readonly<Record<string, string>>;
  peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
}

/** A project's packages, by folder relative to the project's root: `node_modules/a/node_modules/@b/c`. */
export interface Packages {
  /** The project's root. */
  root: string;
  /** @returns undefined if the project has no such package, installed or locked. */
  manifest(path: string): Manifest | undefined;
}

/** Reads package-lock.json, and the package.json of packages that it does not know. */
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

/** @returns the name of the package at the top of node_modules whose folder is, or contains, a package's. */
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
    /** Only those that it requires. */
    required: all.filter((name) => !(name in optionalDependencies) && !peerDependenciesMeta[name]?.optional),
    /** Those that npm leaves out if they are not for the system. */
    optional: Object.keys(optionalDependencies),
  };
}

interface Reach {
  /** A package that is not accepted is left out, with what only it depends on. Default: all are accepted. */
  accepts?: (path: string) => boolean;
  /** Default: `all`. */
  kind?: "all" | "required";
}

/** @returns packages with everything they depend on, sorted; without anything that is neither installed nor locked. */
export function withDependencies(
  packages: Packages,
  paths: Iterable<string>,
  { accepts = () => true, kind = "all" }: Reach = {},
): string[] {
  const reached = new Set([...paths].filter(accepts));
  // Iterating over a set includes what is added meanwhile.
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
