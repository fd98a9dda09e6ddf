import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildPackages, type Packages } from "../../packaging/build.ts";

/** A package that is ready to be published. */
export interface Packed {
  name: string;
  version: string;
  /** The path of the file that `npm pack` has written. */
  tarball: string;
}

declare module "vitest" {
  interface ProvidedContext {
    built: Packages;
    packed: { fanout: Packed; createFanout: Packed };
  }
}

/** Builds and packs once for all files. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "fanout-package-"));
  const built = buildPackages(join(folder, "dist"));
  project.provide("built", built);
  project.provide("packed", {
    fanout: pack(built.fanout, folder),
    createFanout: pack(built.createFanout, folder),
  });
  return () => rmSync(folder, { recursive: true });
}

function pack(folder: string, to: string): Packed {
  const args = ["pack", "--json", "--pack-destination", to];
  const printed = execFileSync("npm", args, { cwd: folder, encoding: "utf8" });
  const [{ name, version, filename }] = JSON.parse(printed);
  return { name, version, tarball: join(to, filename) };
}

/**
 * Packs a package as another version of it.
 * @param to where the tarball is written.
 * @param change changes its files, in the folder that it is given. Default: nothing.
 */
export function packAs(
  version: string,
  { built, to, change }: { built: string; to: string; change?: (folder: string) => void },
): Packed {
  const folder = mkdtempSync(join(to, "version-"));
  cpSync(built, folder, { recursive: true });
  const file = join(folder, "package.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), version }));
  change?.(folder);
  return pack(folder, to);
}
