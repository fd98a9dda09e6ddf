import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { PackageError } from "./error.ts";
import {
  dependenciesOf,
  type Manifest,
  nameOf,
  type Packages,
  resolvePackage,
  withDependencies,
} from "./installed.ts";
import { isFor, type System, systemName } from "./system.ts";

/** With what packages find or fetch the addon that they were compiled to. */
const ADDON_LOADERS = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "node-pre-gyp",
  "@mapbox/node-pre-gyp",
  "pkg-prebuilds",
  "prebuild-install",
];

/** Says whether a package has a native addon: one of its own, or one in a package for each system. */
export function hasAddon(packages: Packages, path: string): boolean {
  return isCompiled(packages, path) || systemPackages(packages, path).length > 0;
}

/**
 * Checks that packages in a bundle, and those that they cannot do without, have the addons that they need on a system.
 * @param folder the bundle's, with the packages but without addons for other systems.
 * @throws PackageError for the first one that has none.
 */
export function checkAddons(
  system: System,
  packages: Packages,
  folder: string,
  paths: readonly string[],
): void {
  const needed = paths.filter((path) => !packages.manifest(path)?.optional);
  for (const path of withDependencies(packages, needed, { kind: "required" })) {
    const lacking = lacksSystemPackage(system, packages, path) ?? lacksAddon(packages, folder, path);
    if (lacking === undefined) continue;
    throw new PackageError(
      `the package ${nameOf(path)} has no addon for ${systemName(system)}, on which Lambda runs it. ` +
        `${lacking} Use another package, or install and deploy on such a machine.`,
    );
  }
}

function lacksSystemPackage(system: System, packages: Packages, path: string): string | undefined {
  const candidates = systemPackages(packages, path);
  if (candidates.length === 0 || candidates.some(([, manifest]) => isFor(system, manifest))) return undefined;
  const { optional } = dependenciesOf(packages.manifest(path) ?? {});
  const unknown = optional.filter((name) => resolvePackage(packages, path, name) === undefined);
  if (unknown.length > 0) return `package-lock.json does not have ${unknown.join(", ")}.`;
  // Where a whole operating system has none, such as of a macOS file watcher, the package does without.
  return candidates.some(([, { os }]) => isFor(system, { os }))
    ? `It has ${candidates.map(([folder]) => nameOf(folder)).join(", ")}.`
    : undefined;
}

function lacksAddon(packages: Packages, folder: string, path: string): string | undefined {
  if (!isCompiled(packages, path) && !holdsAddon(join(packages.root, path))) return undefined;
  const places = withDependencies(packages, [path]).map((place) => join(folder, place));
  if (places.some(holdsAddon)) return undefined;
  return "An install script compiles or fetches it, which is not possible for another system.";
}

function holdsAddon(folder: string): boolean {
  return globSync("**/*.node", { cwd: folder, exclude: ["node_modules"] }).length > 0;
}

/** Says whether a package is compiled where it is installed, or looks there for what was compiled elsewhere. */
function isCompiled({ root, manifest }: Packages, path: string): boolean {
  const { all } = dependenciesOf(manifest(path) ?? {});
  return existsSync(join(root, path, "binding.gyp")) || ADDON_LOADERS.some((loader) => all.includes(loader));
}

/** @returns those of a package's optional dependencies that are for some systems only, by their folders. */
function systemPackages(packages: Packages, path: string): [folder: string, manifest: Manifest][] {
  const { optional } = dependenciesOf(packages.manifest(path) ?? {});
  return optional.flatMap((name) => {
    const folder = resolvePackage(packages, path, name);
    const manifest = folder === undefined ? undefined : packages.manifest(folder);
    const isConstrained = manifest?.os ?? manifest?.cpu ?? manifest?.libc;
    return folder === undefined || !manifest || !isConstrained ? [] : [[folder, manifest]];
  });
}
