import { cpSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { PackageError } from "./packages/error.ts";

/** `new URL("./words.txt", import.meta.url)` */
const FILE_BESIDE = /\bnew\s+URL\(\s*(["'`])([^"'`$:]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;
/** Code that computes the names of its files, such as `join(import.meta.dirname, name)`. */
const ASKS_ITS_PLACE = /\bimport\.meta\.(?:url|dirname|filename)\b/;
const CODE = /\.[cm]?tsx?$|(?:^|\/)node_modules$/;

/** A file or folder that a function's code reads. */
export interface DataFile {
  path: string;
  /** Its path relative to the folder of the code that reads it. */
  place: string;
}

/**
 * @returns the files that source files read beside them: those they name, whether they exist or not, or else everything in
 * their folder but code.
 */
export function findDataFiles(sources: readonly string[]): DataFile[] {
  return sources.flatMap((file) => {
    const source = readFileSync(file, "utf8");
    const named = [...source.matchAll(FILE_BESIDE)].map(([, , name]) => name as string);
    const places = ASKS_ITS_PLACE.test(source.replaceAll(FILE_BESIDE, "")) ? [...named, "."] : named;
    return places.map((place) => ({ path: resolve(dirname(file), place), place }));
  });
}

/**
 * Copies data files into a bundle, to where its code looks for them.
 * @param bundle the bundle's folder.
 * @param code the folder of the code in it.
 * @throws PackageError for a file that would be outside the bundle, or in the place of another one.
 */
export function copyDataFiles(data: readonly DataFile[], bundle: string, code: string): void {
  const sources = new Map<string, string>();
  for (const { path, place } of data) {
    const target = resolve(code, place);
    if (!`${target}/`.startsWith(`${resolve(bundle)}/`))
      throw new PackageError(`it reads ${path}, which is outside the project.`);
    const other = sources.get(target) ?? path;
    if (other !== path)
      throw new PackageError(
        `it reads both ${path} and ${other} as ${place}; in a bundle that is one file. Rename one.`,
      );
    sources.set(target, path);
    const isData = (file: string) => file === path || !CODE.test(file);
    cpSync(path, target, { recursive: true, dereference: true, filter: isData });
  }
}
