import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkAddons } from "./addon.ts";
import { installFor } from "./install.ts";
import { type Packages, withDependencies } from "./installed.ts";
import { isAddonFor, isFor, type System } from "./system.ts";

/**
 * Copies packages with their dependencies into a bundle's folder, each to the same place as in the project.
 * @param imported the packages' names; any that the project does not have are left out.
 * @param system the system that the bundle runs on. Default: this machine, with the packages that are installed here.
 * @returns the folders that it copied from.
 * @throws PackageError when a package is not available for the system.
 */
export function copyPackages(
  packages: Packages,
  folder: string,
  imported: readonly string[],
  system: System | undefined,
): string[] {
  const isHere = (path: string) => existsSync(join(packages.root, path));
  const fits = system ? (path: string) => isFor(system, packages.manifest(path) ?? {}) : isHere;
  const names = imported.filter((name) => packages.manifest(`node_modules/${name}`));
  const tops = names.map((name) => `node_modules/${name}`);
  const paths = withDependencies(packages, tops, { accepts: fits });
  const missing = paths.filter((path) => !isHere(path));
  const installed = system && missing.length > 0 ? installFor(system, packages, names) : packages.root;
  const sources = paths.map((path) => [path, join(isHere(path) ? packages.root : installed, path)] as const);
  for (const [path, source] of sources) copyPackage(source, join(folder, path), system);
  if (system) checkAddons(system, packages, folder, tops);
  return sources.map(([, source]) => source);
}

/** What a package's folder contains but a function does not need: nested packages, and files for debuggers. */
const LEFT_OUT = /(?:^|\/)node_modules$|\.map$/;

/** Copies a package without addons for other systems: a loader may take the first that it finds. */
function copyPackage(source: string, target: string, system: System | undefined): void {
  // An optional package may be missing.
  if (!existsSync(source)) return;
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (file) =>
      !LEFT_OUT.test(file.slice(source.length)) &&
      !(system && file.endsWith(".node") && !isAddonFor(system, readFileSync(file))),
  });
}
