import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync, type Metafile } from "esbuild";
import { DATA_IMPORTS } from "../../lib/stack/data-imports.ts";

export const ROOT = join(import.meta.dirname, "../..");

/** The kit's entry points, such as `fanout/tool`, with the files that they lead to. */
const doors = Object.fromEntries(
  Object.entries<string>(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).exports).map(
    ([door, file]) => [door.replace(/^\./, "fanout"), join(ROOT, file)],
  ),
);

/** What needs a package of its own, whose packages `npm ci` does not install, and projects that have yet to be made. */
const OTHER_PACKAGES = ["bench/fan-out/**", "test/support/functions/loops/**", "lib/create/templates/**"];

/** Every source file of the project with what it imports: project files by path, packages by name. */
export function importGraph(): Map<string, string[]> {
  const entryPoints = globSync("{bin,lib,functions,bench,test}/**/*.{ts,mjs}", {
    cwd: ROOT,
    exclude: OTHER_PACKAGES,
  });
  const { inputs } = metafileOf(entryPoints, "external");
  return new Map(
    Object.entries(inputs).map(([file, { imports }]) => [file, imports.map(({ path }) => path)]),
  );
}

/** The files of `lib` that each source file of `lib` names in its imports and re-exports, types included; no tests. */
export function namedImports(): Map<string, string[]> {
  const files = globSync("lib/**/*.{ts,mjs}", { cwd: ROOT }).filter((file) => !file.endsWith(".test.ts"));
  return new Map(
    files.map((file) => {
      const source = readFileSync(join(ROOT, file), "utf8");
      const specifiers = source.matchAll(
        /^(?:import|export)[^"]*? from "(\.{1,2}\/[^"]+)"|\bimport\("(\.{1,2}\/[^"]+)"\)/gm,
      );
      const named = [...specifiers].map(([, stated, awaited = ""]) => join(dirname(file), stated ?? awaited));
      // A file's text may contain another file's imports, in a template.
      return [file, named.filter((to) => to.startsWith("lib/"))];
    }),
  );
}

/** What is loaded with a file of the project, without its dynamic imports. */
export function loadedWith(file: string): string[] {
  const { inputs } = metafileOf([file], "external");
  const loaded = new Set([file]);
  // Iterating over a set includes what is added meanwhile.
  for (const one of loaded)
    for (const { path, kind } of inputs[one]?.imports ?? []) if (kind !== "dynamic-import") loaded.add(path);
  return [...loaded];
}

/** The project's files that end up in a function's bundle. */
export function bundledFiles(entryPoint: string): string[] {
  return Object.keys(metafileOf([entryPoint], "external").inputs);
}

function metafileOf(entryPoints: string[], packages: "external" | "bundle"): Metafile {
  return buildSync({
    absWorkingDir: ROOT,
    entryPoints,
    packages,
    alias: doors,
    bundle: true,
    metafile: true,
    write: false,
    outdir: "unused",
    platform: "node",
    format: "esm",
    loader: DATA_IMPORTS,
    logLevel: "error",
  }).metafile;
}
