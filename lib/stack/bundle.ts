import { rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { copyDataFiles, type DataFile, findDataFiles } from "./data-files.ts";
import { bundleAll, bundlePass } from "./esbuild-pass.ts";
import { copyPackages } from "./packages/copy.ts";
import { PackageError } from "./packages/error.ts";
import { packageOf, readPackages, topOf } from "./packages/installed.ts";
import type { System } from "./packages/system.ts";
import { findUnbundled } from "./packages/unbundled.ts";

/** Lambda's `Handler` setting for a bundle. */
export const BUNDLE_HANDLER = "index.handler";

const PROJECT = join(import.meta.dirname, "../..");

interface BundleOptions {
  /** The system that the functions run on. Default: this machine, with the packages as they are installed here. */
  system?: System | undefined;
  /** The folder with the functions, package-lock.json and node_modules. Default: this project's. */
  root?: string;
}

/** A function of more than one file. */
interface Compound {
  name: string;
  entry: string;
  /** The path of its code in the output folder, without extension. */
  out: string;
  data: readonly DataFile[];
}

/**
 * Bundles every function in one esbuild pass: one ESM file, `<outDir>/<name>/index.mjs`, for each entry, and beside it
 * `index.mjs.map`, which is loaded only when the function logs an unexpected error. Functions with packages that cannot
 * be bundled, or that read files beside their code, take another pass: those packages go into the bundle's node_modules,
 * those files to where the code looks for them.
 * @param entries the functions' handler files by name.
 * @returns what went into each bundle.
 * @throws PackageError when a package is not available for the system.
 */
export function bundleFunctions(
  entries: Readonly<Record<string, string>>,
  outDir: string,
  { system, root = PROJECT }: BundleOptions = {},
): Metafile {
  const packages = readPackages(root);
  const outs = Object.entries(entries).map(([name, entry]) => [`${name}/index`, entry]);
  const first = bundleAll({ root, outDir, entries: Object.fromEntries(outs) });
  const unbundled = [...new Set([...first.unbundled, ...findUnbundled(packages, first)])];
  const outputOf = (out: string) => relative(root, resolve(outDir, `${out}.mjs`));

  const compounds = Object.entries(entries).flatMap(([name, entry]): Compound[] => {
    const output = first.metafile.outputs[outputOf(`${name}/index`)];
    const data = findDataFiles(ownFiles(output, root));
    if (data.length === 0 && packagesIn(output, unbundled).length === 0) return [];
    return [
      { name, entry, data, out: data.length === 0 ? `${name}/index` : join(name, placeOf(entry, root)) },
    ];
  });
  if (compounds.length === 0) return first.metafile;

  const second = bundlePass({
    root,
    outDir,
    entries: Object.fromEntries(compounds.map(({ out, entry }) => [out, entry])),
    unbundled,
  }).metafile;
  for (const { name, out, data } of compounds) {
    const folder = join(outDir, name);
    try {
      if (data.length > 0) {
        copyDataFiles(data, folder, join(outDir, dirname(out)));
        enterAt(folder, relative(name, out));
      }
      copyPackages(packages, folder, packagesIn(second.outputs[outputOf(out)], unbundled), system);
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      throw new PackageError(`The function ${name} cannot be bundled: ${error.message}`, { cause: error });
    }
  }
  return { inputs: first.metafile.inputs, outputs: { ...first.metafile.outputs, ...second.outputs } };
}

type Output = Metafile["outputs"][string] | undefined;

/** The kit's own code has no data files; it only looks for its bundle's map. */
const KIT = join(import.meta.dirname, "..");

function ownFiles(output: Output, root: string): string[] {
  return Object.keys(output?.inputs ?? {})
    .filter((file) => packageOf(file) === undefined)
    .map((file) => resolve(root, file))
    .filter((file) => relative(KIT, file).startsWith(".."));
}

/** @returns the names of unbundled packages that a bundle contains part of, or imports. */
function packagesIn(output: Output, unbundled: readonly string[]): string[] {
  const bundled = Object.keys(output?.inputs ?? {}).flatMap((file) => packageOf(file) ?? []);
  const imported = (output?.imports ?? []).flatMap(({ path, external }) =>
    external ? [`node_modules/${path}`] : [],
  );
  const names = new Set([...bundled, ...imported].map(topOf));
  return unbundled.filter((name) => names.has(name));
}

/** Code that reads files beside it has the same path in its bundle as in the project, so that `../` works there too. */
function placeOf(entry: string, root: string): string {
  const folder = relative(root, dirname(entry));
  return folder.startsWith("..") ? "index" : join(folder, "index");
}

/** Lets Lambda find code that is not at the root of its bundle. */
function enterAt(folder: string, out: string): void {
  if (out === "index") return;
  rmSync(join(folder, "index.mjs.map"));
  writeFileSync(join(folder, "index.mjs"), `export * from "./${out}.mjs";\n`);
}
