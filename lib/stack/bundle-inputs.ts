import { dirname, join, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { type Inputs, isIn } from "../cache/index.ts";
import { packageOf } from "./packages/installed.ts";

/** The part of an esbuild pass that is about one bundle. */
export interface Reach {
  /** Its own output, and the files that it may need, even if nothing of them is left in it. */
  metafile: Metafile;
  output: Metafile["outputs"][string];
}

/** @param path the bundle's path in the metafile. */
export function reachOf(metafile: Metafile, path: string): Reach {
  const output = metafile.outputs[path];
  if (!output?.entryPoint) throw new Error(`esbuild should have written ${path}.`);
  const reached = new Set([output.entryPoint, ...Object.keys(output.inputs)]);
  // Iterating over a set includes what is added meanwhile.
  for (const file of reached)
    for (const { path, external } of metafile.inputs[file]?.imports ?? []) if (!external) reached.add(path);
  const inputs = Object.fromEntries(
    [...reached].flatMap((file) => {
      const input = metafile.inputs[file];
      return input ? [[file, input]] : [];
    }),
  );
  return { metafile: { inputs, outputs: { [path]: output } }, output };
}

/** Settings of bundlers and of Node that may stand in any folder above a file. */
const SETTINGS = ["package.json", "tsconfig.json"];
/** As esbuild names a file that it leaves out for a server. */
const DISABLED = /^\(disabled\):/;

/**
 * Everything that a bundle depends on: the files that it may need, what would be found in their place if it were added beside
 * them, and the settings above them.
 * @param also other files and folders that it contains.
 */
export function bundleInputs({ metafile }: Reach, root: string, also: readonly string[]): Inputs {
  const reached = Object.keys(metafile.inputs).map((file) => file.replace(DISABLED, ""));
  const packages = new Set(reached.flatMap((file) => packageFolder(file) ?? []));
  const own = reached.filter((file) => packageOf(file) === undefined).map((file) => resolve(root, file));
  const folders = [...new Set(own.map(dirname))];
  const above = [...new Set(folders.flatMap((folder) => foldersAbove(folder, root)))];
  return {
    contents: [
      ...reached.map((file) => resolve(root, file)),
      ...[...packages].map((folder) => resolve(root, folder, "package.json")),
      ...above.flatMap((folder) => SETTINGS.map((name) => join(folder, name))),
      ...also,
    ],
    names: [...folders, ...above.map((folder) => join(folder, "node_modules"))],
  };
}

/** The path of the innermost package that a file belongs to. */
const packageFolder = (file: string) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];

/** A folder of the project and those that contain it, without the project's own. */
function foldersAbove(folder: string, root: string): string[] {
  if (folder === root || !isIn(root, folder)) return [];
  return [folder, ...foldersAbove(dirname(folder), root)];
}
