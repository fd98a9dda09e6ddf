import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Message, Metafile } from "esbuild";
import { isIn } from "../../cache/index.ts";
import { hasAddon } from "./addon.ts";
import { nameOf, type Packages, packageOf, topOf, withDependencies } from "./installed.ts";

/** Code that asks for its own location: it looks for files beside it, which a bundle does not have. */
const ASKS_ITS_PLACE =
  /\b__dirname\b|\b__filename\b|\bimport\.meta\.(?:url|dirname|filename|resolve)\b|\brequire\.resolve\b/;
const BINARY = /\.(?:node|wasm)$/;
/** esbuild's ids for the warnings about code that chooses at run time what it loads. */
export const LOADS_AT_RUN_TIME = ["unsupported-require-call", "unsupported-dynamic-import"];

/**
 * Finds the packages that cannot be bundled: native addons, and code that looks for files beside it or chooses at run time
 * what it loads. The packages that they share with the bundle stay out too, so that there is only one instance of each.
 * @param bundles what went into bundles with every package, and esbuild's warnings about them.
 * @param known the names of packages of which somebody knows that they can be bundled.
 * @returns the packages' names.
 */
export function findUnbundled(
  packages: Packages,
  { metafile, warnings }: { metafile: Metafile; warnings: readonly Message[] },
  known: readonly string[] = [],
): string[] {
  const bundled = bundledFiles(metafile);
  const toPackage = packageBy(packages);
  const loaders = warnings.flatMap(({ id, location }) =>
    LOADS_AT_RUN_TIME.includes(id) && location && bundled.has(location.file) ? [location.file] : [],
  );
  const unbundled = new Set(
    [...loaders, ...[...bundled].filter((file) => needsItsPlace(packages, file))]
      .flatMap(toPackage)
      .filter((path) => !known.includes(nameOf(path))),
  );
  const paths = new Set([...bundled].flatMap(toPackage));
  for (const path of paths) {
    if (hasAddon(packages, path)) unbundled.add(path);
  }
  return withCompanions(packages, paths, unbundled);
}

/** The files that bundles contain part of; a binary file takes no bytes in them. */
function bundledFiles({ inputs, outputs }: Metafile): Set<string> {
  const used = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return new Set([...used, ...Object.keys(inputs).filter((file) => BINARY.test(file))]);
}

/** The kit's own code finds what it looks for in a bundle too, wherever npm has put it. */
const KIT = join(import.meta.dirname, "../..");

/** The package that a file makes a difference to. */
const packageBy =
  ({ root }: Packages) =>
  (file: string): string | [] =>
    isIn(KIT, resolve(root, file)) ? [] : (packageOf(file) ?? []);

/** Functions have most of their packages in common: what was found out about a project's files, for as long as it is read. */
const answersOf = new WeakMap<Packages, Map<string, boolean>>();

function needsItsPlace(packages: Packages, file: string): boolean {
  const answers = answersOf.get(packages) ?? new Map<string, boolean>();
  answersOf.set(packages, answers);
  const answer = answers.get(file) ?? looksForItsPlace(packages, file);
  answers.set(file, answer);
  return answer;
}

function looksForItsPlace(packages: Packages, file: string): boolean {
  if (packageBy(packages)(file).length === 0) return false;
  return BINARY.test(file) || ASKS_ITS_PLACE.test(readFileSync(join(packages.root, file), "utf8"));
}

/** Adds packages until none has two instances, and each can be found from the bundle: at the top of node_modules. */
function withCompanions(packages: Packages, bundled: Set<string>, unbundled: Set<string>): string[] {
  const names = new Set<string>();
  // Every round adds packages from the bundles, or is the last.
  for (let more = [...unbundled]; more.length > 0; ) {
    for (const path of more) names.add(topOf(path));
    const needed = withDependencies(
      packages,
      [...names].map((name) => `node_modules/${name}`),
    );
    more = [...bundled].filter(
      (path) => (needed.includes(path) || names.has(nameOf(path))) && !names.has(topOf(path)),
    );
  }
  return [...names].sort();
}
