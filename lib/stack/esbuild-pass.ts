import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { type BuildFailure, buildSync, formatMessagesSync, type Message, type Metafile } from "esbuild";
import { DATA_IMPORTS } from "./data-imports.ts";
import { packageOf, topOf } from "./packages/installed.ts";
import { LOADS_AT_RUN_TIME } from "./packages/unbundled.ts";

interface Pass {
  /** The folder that the metafile's paths are relative to. */
  root: string;
  outDir: string;
  /** The functions' handler files by the path of their output, without its extension. */
  entries: Readonly<Record<string, string>>;
  /** The names of packages to leave out. */
  unbundled: readonly string[];
}

interface Outcome {
  metafile: Metafile;
  /** Code that chooses at run time what it loads. */
  warnings: readonly Message[];
}

/**
 * Bundles with every package that esbuild can bundle.
 * @returns what went into the bundles, and the names of the packages that esbuild could not bundle.
 */
export function bundleAll(pass: Omit<Pass, "unbundled">): Outcome & { unbundled: string[] } {
  const unbundled: string[] = [];
  for (;;) {
    try {
      // A package that imports an addon stays outside; an addon of the project itself is an error.
      return { ...bundlePass({ ...pass, unbundled }, { ".node": "empty" }), unbundled };
    } catch (error) {
      const { errors = [] } = error as Partial<BuildFailure>;
      const more = errors.flatMap(toUnbundled);
      // Every round leaves out more packages, or is the last.
      if (more.length < errors.length || more.every((name) => unbundled.includes(name))) throw print(error);
      unbundled.push(...more);
    }
  }
}

/** A package that is missing, such as a driver that another one can do without, or that esbuild cannot read. */
function toUnbundled({ text, location }: Message): string[] {
  const path = packageOf(location?.file ?? "");
  if (path === undefined) return [];
  const [, missing] = /^Could not resolve "((?:@[^/"]+\/)?[^./"][^/"]*)/.exec(text) ?? [];
  return [missing ?? topOf(path)];
}

function print(error: unknown): unknown {
  const { errors = [] } = error as Partial<BuildFailure>;
  const lines = formatMessagesSync(errors, { kind: "error", color: process.stderr.isTTY });
  process.stderr.write(lines.join(""));
  return error;
}

/** One run of esbuild. @throws esbuild's BuildFailure. */
export function bundlePass(
  { root, outDir, entries, unbundled }: Pass,
  loader: Readonly<Record<string, "empty">> = {},
): Outcome {
  const { metafile, warnings } = buildSync({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, entry]) => ({ in: entry, out })),
    outdir: outDir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    // Error names and messages stay readable in logs.
    keepNames: true,
    // With neither a reference in the bundle nor the sources' text.
    sourcemap: "external",
    sourcesContent: false,
    metafile: true,
    platform: "node",
    target: "node24",
    format: "esm",
    loader: { ...DATA_IMPORTS, ...loader },
    // An optional native driver that pg looks for and does without.
    external: ["pg-native", ...unbundled],
    // CommonJS dependencies call `require` for Node's own modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    legalComments: "none",
    logLevel: "silent",
    logLimit: 0,
    logOverride: Object.fromEntries(LOADS_AT_RUN_TIME.map((id) => [id, "warning"])),
  });
  for (const out of Object.keys(entries)) nameSources(join(outDir, `${out}.mjs.map`), root, outDir);
  return { metafile, warnings };
}

/**
 * Names a map's sources by their paths in the project. As esbuild writes them, relative to the bundle, they would reveal
 * where the project is on this machine, and a function's hash would depend on the folder it is bundled in.
 */
function nameSources(file: string, root: string, outDir: string): void {
  const map = JSON.parse(readFileSync(file, "utf8")) as { sources: string[] };
  const sources = map.sources.map((source) => pathInProject(resolve(dirname(file), source), root, outDir));
  writeFileSync(file, JSON.stringify({ ...map, sources }));
}

/** A file that was written for the bundler does not belong to the project, even if it is inside the project's folder. */
function pathInProject(file: string, root: string, outDir: string): string {
  const [dependency] = /node_modules\/.*$/.exec(file) ?? [];
  if (dependency) return dependency;
  const isIn = (folder: string) => !relative(folder, file).startsWith("..");
  return isIn(root) && !isIn(outDir) ? relative(root, file) : basename(file);
}
