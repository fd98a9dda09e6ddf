import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { Metafile } from "esbuild";
import type { Inputs } from "../cache/index.ts";
import { bundleInputs, type Reach, reachOf } from "./bundle-inputs.ts";
import { copyDataFiles, type DataFile, findDataFiles } from "./data-files.ts";
import { bundleAll, bundlePass } from "./esbuild-pass.ts";
import type { Code } from "./infra.ts";
import { copyPackages } from "./packages/copy.ts";
import { PackageError } from "./packages/error.ts";
import { type Packages, packageOf, readPackages, topOf } from "./packages/installed.ts";
import type { System } from "./packages/system.ts";
import { findUnbundled } from "./packages/unbundled.ts";
import { mayTrace, putTelemetry, TELEMETRY_ENTRY, TELEMETRY_FOLDER } from "./telemetry-file.ts";

/** Where bundles come from and go to. */
export interface BundleSetting {
  /** The folder with the functions, package-lock.json and node_modules. */
  root: string;
  outDir: string;
  /** The system that the functions run on; undefined: this machine, with the packages as they are installed here. */
  system: System | undefined;
  /** What a bundle has beside what its code imports. */
  code?: (name: string) => Code | undefined;
}

/** A function's bundle that has just been made. */
export interface MadeBundle {
  name: string;
  /** What esbuild says of its code. */
  output: Output;
  /** What it was made from. */
  inputs: Inputs;
}

type Output = Metafile["outputs"][string];

/**
 * Bundles functions in one esbuild pass: one ESM file, `<outDir>/<name>/index.mjs`, for each entry, and beside it
 * `index.mjs.map`, which is loaded only when the function logs an unexpected error. A function with packages that cannot
 * be bundled, or that reads files beside its code, takes another pass: those packages go into the bundle's node_modules,
 * those files to where the code looks for them. What a bundle contains does not depend on the other functions.
 * @param entries the functions' handler files by name.
 * @throws PackageError when a package is not available for the system.
 */
export function makeBundles(
  entries: Readonly<Record<string, string>>,
  { root, outDir, system, code = () => undefined }: BundleSetting,
): MadeBundle[] {
  if (Object.keys(entries).length === 0) return [];
  const packages = readPackages(root);
  const outs = Object.entries(entries).map(([name, entry]) => [`${name}/index`, entry]);
  const { metafile, warnings, unbundled } = bundleAll({
    root,
    outDir,
    entries: { ...Object.fromEntries(outs), ...TELEMETRY_ENTRY },
  });
  const made = Object.entries(entries).map(([name, entry]): MadeBundle => {
    const reach = reachOf(metafile, relative(root, resolve(outDir, name, "index.mjs")));
    const files = ownFiles(reach.output, root);
    const { architecture, packages: extra = [], files: named = [], bundled = [] } = code(name) ?? {};
    const reads = [...findDataFiles(files), ...besideEntry(name, entry, named)];
    const outside = [...new Set([...unbundled, ...findUnbundled(packages, { ...reach, warnings }, bundled)])];
    const data = reads.filter(({ path }) => existsSync(path));
    const compound = { name, entry, data, outside, extra: known(packages, name, extra) };
    const { output, copied } = isSimple(compound, reach)
      ? { output: reach.output, copied: [] }
      : makeCompound(compound, packages, { root, outDir, system: system && on(system, architecture) });
    const codeDir = dirname(join(outDir, codeOf(compound, root)));
    const traced = mayTrace(output.inputs, root) ? putTelemetry(metafile, { root, outDir, codeDir }) : [];
    const also = [...reads.map(({ path }) => path), ...copied, ...traced];
    return { name, output, inputs: bundleInputs(reach, root, also) };
  });
  rmSync(join(outDir, TELEMETRY_FOLDER), { recursive: true });
  return made;
}

/** A function of more than one file. */
interface Compound {
  name: string;
  entry: string;
  data: readonly DataFile[];
  /** The names of the packages that cannot be bundled. */
  outside: readonly string[];
  /** The names of packages that no import names. */
  extra: readonly string[];
}

const isSimple = ({ data, outside, extra }: Compound, { output }: Reach) =>
  data.length + extra.length === 0 && packagesIn(output, outside).length === 0;

const on = (system: System, cpu: string = system.cpu): System => ({ ...system, cpu });

/** @throws PackageError for a file that does not exist. */
function besideEntry(name: string, entry: string, files: readonly string[]): DataFile[] {
  return files.map((place) => {
    const path = resolve(dirname(entry), place);
    if (existsSync(path)) return { path, place };
    throw new PackageError(`infra.ts of ${name}: files: ${path} does not exist.`);
  });
}

/** @throws PackageError for a package that the project does not have. */
function known(packages: Packages, name: string, extra: readonly string[]): readonly string[] {
  const unknown = extra.find((one) => !packages.manifest(`node_modules/${one}`));
  if (unknown === undefined) return extra;
  throw new PackageError(
    `infra.ts of ${name}: packages: ${unknown} is not installed. Add it to package.json.`,
  );
}

/** @returns also the folders of the packages that were copied. */
function makeCompound(
  { name, entry, data, outside, extra }: Compound,
  packages: Packages,
  { root, outDir, system }: Omit<BundleSetting, "code">,
): { output: Output; copied: string[] } {
  const out = codeOf({ name, entry, data }, root);
  const { metafile } = bundlePass({ root, outDir, entries: { [out]: entry }, unbundled: outside });
  const { output } = reachOf(metafile, relative(root, resolve(outDir, `${out}.mjs`)));
  const folder = join(outDir, name);
  try {
    if (data.length > 0) {
      copyDataFiles(data, folder, join(outDir, dirname(out)));
      enterAt(folder, relative(name, out));
    }
    const needed = [...new Set([...packagesIn(output, outside), ...extra])];
    return { output, copied: copyPackages(packages, folder, needed, system) };
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    throw new PackageError(`The function ${name} cannot be bundled: ${error.message}`, { cause: error });
  }
}

/** The kit's own code has no data files; it only looks for its bundle's map. */
const KIT = join(import.meta.dirname, "..");

function ownFiles(output: Output, root: string): string[] {
  return Object.keys(output.inputs)
    .filter((file) => packageOf(file) === undefined)
    .map((file) => resolve(root, file))
    .filter((file) => relative(KIT, file).startsWith(".."));
}

/** @returns the names of unbundled packages that a bundle contains part of, or imports. */
function packagesIn(output: Output, unbundled: readonly string[]): string[] {
  const bundled = Object.keys(output.inputs).flatMap((file) => packageOf(file) ?? []);
  const imported = output.imports.flatMap(({ path, external }) => (external ? [`node_modules/${path}`] : []));
  const names = new Set([...bundled, ...imported].map(topOf));
  return unbundled.filter((name) => names.has(name));
}

/** Where a function's code goes, without its extension. */
const codeOf = ({ name, entry, data }: Pick<Compound, "name" | "entry" | "data">, root: string): string =>
  data.length === 0 ? `${name}/index` : join(name, placeOf(entry, root));

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
