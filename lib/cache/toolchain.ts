import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "./digests.ts";
import { projectDigests } from "./inputs.ts";

/** npm's list of what is installed, with the version and the checksum of each package. */
const INSTALLED = "node_modules/.package-lock.json";

/** Where other tools keep their caches too: removed with node_modules, and in nobody's way. */
export const cacheFolder = (root: string, name: string): string =>
  join(root, "node_modules/.cache/fanout", name);

/**
 * Changes with what everything that is made from a project depends on: Node, the system, the installed packages, and the
 * settings in the project's own folder, such as package.json, tsconfig.json and cdk.json.
 * @returns undefined if npm has not installed the packages, so that nobody knows which they are.
 */
export function toolchain(root: string): string | undefined {
  if (!existsSync(join(root, INSTALLED))) return undefined;
  const now = projectDigests();
  const files = [
    INSTALLED,
    ...readdirSync(root)
      .filter((name) => name.endsWith(".json"))
      .sort(),
  ];
  return digestOf([
    process.version,
    process.platform,
    process.arch,
    files.map((file) => [file, now.contents(join(root, file))]),
  ]);
}
