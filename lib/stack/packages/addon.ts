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

/** The packages with which others find, or fetch, their compiled addon. */
const ADDON_LOADERS = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "node-pre-gyp",
  "@mapbox/node-pre-gyp",
  "pkg-prebuilds",
  "prebuild-install",
];

/** Whether a package has a native addon: its own, or one in a package for each system. */
export function hasAddon(packages: Packages, path: string): boolean {
  return isCompiled(packages, path) || systemPackages(packages, path).length > 0;
}

/**
 * Checks that the packages in a bundle, and the packages they require, have the addons that they need on a system.
 * @param folder the bundle's, with the packages and without addons for other systems.
 * @throws PackageError for the first package without one.
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
  // If there is none for a whole operating system, as with a macOS file watcher, the package does without it.
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

/** Whether a package is compiled when it is installed, or then looks for an addon compiled elsewhere. */
function isCompiled({ root, manifest }: Packages, path: string): boolean {
  const { all } = dependenciesOf(manifest(path) ?? {});
  return existsSync(join(root, path, "binding.gyp")) || ADDON_LOADERS.some((loader) => all.includes(loader));
}

/** @returns the optional dependencies of a package that are for some systems only, by folder. */
function systemPackages(packages: Packages, path: string): [folder: string, manifest: Manifest][] {
  const { optional } = dependenciesOf(packages.manifest(path) ?? {});
  return optional.flatMap((name) => {
    const folder = resolvePackage(packages, path, name);
    const manifest = folder === undefined ? undefined : packages.manifest(folder);
    const isConstrained = manifest?.os ?? manifest?.cpu ?? manifest?.libc;
    return folder === undefined || !manifest || !isConstrained ? [] : [[folder, manifest]];
  });
}
