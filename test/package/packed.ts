import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildPackages } from "../../packaging/build.ts";

/** A package that is ready to be published. */
export interface Packed {
  name: string;
  version: string;
  /** As `npm pack` writes it. */
  tarball: string;
}

declare module "vitest" {
  interface ProvidedContext {
    /** The package's folder, as it is built. */
    built: string;
    packed: { fanout: Packed; createFanout: Packed };
  }
}

/** Builds and packs once for all files. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "fanout-package-"));
  const { fanout, createFanout } = buildPackages(join(folder, "dist"));
  project.provide("built", fanout);
  project.provide("packed", { fanout: pack(fanout, folder), createFanout: pack(createFanout, folder) });
  return () => rmSync(folder, { recursive: true });
}

/** Packs a folder. @param to where the tarball is written. */
export function pack(folder: string, to: string): Packed {
  const printed = execFileSync("npm", ["pack", "--json", "--pack-destination", to], {
    cwd: folder,
    encoding: "utf8",
  });
  const [{ name, version, filename }] = JSON.parse(printed);
  return { name, version, tarball: join(to, filename) };
}

/** Packs the same as another version, with changes to its files. @param changes new contents of files by path. */
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
