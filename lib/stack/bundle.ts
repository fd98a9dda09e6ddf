import { copyFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { buildSync, type Metafile } from "esbuild";

/** A bundle's one file, as Lambda's `Handler` setting names it: `index.handler`. */
export const BUNDLE_HANDLER = "index.handler";

const PROJECT = join(import.meta.dirname, "../..");

/**
 * Bundles every function in one esbuild pass: one ESM file, `<outDir>/<name>/index.mjs`, for each entry, and beside it
 * `index.mjs.map`, which nothing loads before the function logs an unexpected error, and the WebAssembly modules that
 * packages load from their own folder.
 * @param entries the functions' handler files by name.
 * @returns what went into each bundle.
 */
export function bundleFunctions(entries: Readonly<Record<string, string>>, outDir: string): Metafile {
  const { metafile } = buildSync({
    entryPoints: Object.entries(entries).map(([name, entry]) => ({ in: entry, out: `${name}/index` })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    // Error names and messages stay readable in logs.
    keepNames: true,
    // Without a reference in the bundle and without the sources' text.
    sourcemap: "external",
    sourcesContent: false,
    metafile: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // An optional native driver that pg looks for and does without.
    external: ["pg-native"],
    // CommonJS dependencies call `require` for Node's own modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    // What stood beside a CommonJS dependency's file stands beside the bundle.
    define: { __dirname: "import.meta.dirname", __filename: "import.meta.filename" },
    legalComments: "none",
    logLevel: "error",
  });
  for (const name of Object.keys(entries)) nameSources(join(outDir, name, "index.mjs.map"), outDir);
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    for (const module of wasmBeside(Object.keys(inputs))) {
      copyFileSync(module, join(dirname(file), basename(module)));
    }
  }
  return metafile;
}

/** The WebAssembly modules in the folders of a bundle's packages. */
function wasmBeside(inputs: readonly string[]): string[] {
  const folders = new Set(
    inputs.filter((file) => file.includes("node_modules/")).map((file) => dirname(file)),
  );
  return [...folders].flatMap((folder) => globSync(join(folder, "*.wasm")));
}

/**
 * Names a map's sources by their paths in the project. As esbuild writes them, relative to the bundle, they would tell
 * where the project is on this machine, and change a function's hash with the folder that it is bundled in.
 */
function nameSources(file: string, outDir: string): void {
  const map = JSON.parse(readFileSync(file, "utf8")) as { sources: string[] };
  const sources = map.sources.map((source) => pathInProject(resolve(dirname(file), source), outDir));
  writeFileSync(file, JSON.stringify({ ...map, sources }));
}

/** A file that was written for the bundler is none of the project's, even where the project holds the folder. */
function pathInProject(file: string, outDir: string): string {
  const [dependency] = /node_modules\/.*$/.exec(file) ?? [];
  if (dependency) return dependency;
  const isIn = (folder: string) => !relative(folder, file).startsWith("..");
  return isIn(PROJECT) && !isIn(outDir) ? relative(PROJECT, file) : basename(file);
}
