import { buildSync } from "esbuild";

/** A bundle's one file, as Lambda's `Handler` setting names it: `index.handler`. */
export const BUNDLE_HANDLER = "index.handler";

/**
 * Bundles every function in one esbuild pass: one ESM file, `<outDir>/<name>/index.mjs`, for each entry.
 * @param entries the functions' handler files by name.
 */
export function bundleFunctions(entries: Readonly<Record<string, string>>, outDir: string): void {
  buildSync({
    entryPoints: Object.entries(entries).map(([name, entry]) => ({ in: entry, out: `${name}/index` })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    // Error names and messages stay readable in logs.
    keepNames: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // An optional native driver that pg looks for and does without.
    external: ["pg-native"],
    // CommonJS dependencies call `require` for Node's own modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    legalComments: "none",
    logLevel: "error",
  });
}
