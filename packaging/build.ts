import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { buildSync } from "esbuild";
import { assembleTemplates } from "../lib/create/index.ts";
import { withLinks } from "./links.ts";
import { createFanoutManifest, manifestFor } from "./manifest.ts";

const ROOT = join(import.meta.dirname, "..");

/** What the package has beside its code, as it is here. */
const AS_IT_IS = ["LICENSE", "README.md", "CHANGELOG.md", "docs/**/*.{md,svg,png}"];
/** What code of the kit reads or runs that is no TypeScript. */
const DATA = ["lib/**/*.{mjs,grit}", "lib/*/README.md"];
/** What editors show for a name of the kit. */
const SOURCES = ["lib/**/*.ts"];
const NOT_SHIPPED = ["**/*.test.ts", "**/node_modules/**", "lib/create/templates/**"];
/** Where the templates are, in both packages. */
const TEMPLATES = "lib/create/templates";

/** The folders of two packages, which `npm pack` and `npm publish` take as they are. */
export interface Packages {
  /** The kit. */
  fanout: string;
  /** What `npm create fanout` runs. */
  createFanout: string;
}

/**
 * Builds both packages.
 * @param dist gets a folder for each; it is emptied first.
 * @param repository `owner/name` on GitHub, if that is where they are built.
 */
export function buildPackages(dist: string, repository?: string): Packages {
  rmSync(dist, { recursive: true, force: true });
  const packages = { fanout: join(dist, "fanout"), createFanout: join(dist, "create-fanout") };
  buildFanout(packages.fanout, repository);
  buildCreateFanout(packages.createFanout, repository);
  return packages;
}

function buildFanout(folder: string, repository?: string): void {
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", "packaging", "--outDir", folder], {
    cwd: ROOT,
    stdio: "inherit",
  });
  copy([...AS_IT_IS, ...DATA], folder);
  copy(SOURCES, join(folder, "src"));
  copyGuardRules(join(folder, "lib/stack/control-tower"));
  pointToSources(folder);
  for (const file of globSync("bin/*.d.ts*", { cwd: folder })) rmSync(join(folder, file));
  assembleTemplates(join(folder, TEMPLATES));
  for (const file of globSync(["*.md", "docs/**/*.md"], { cwd: folder })) {
    const page = join(folder, file);
    writeFileSync(page, withLinks(readFileSync(page, "utf8"), file, { folder, repository }));
  }
  chmodSync(join(folder, "bin/fanout.js"), 0o755);
  writeManifest(folder, manifestFor(folder, repository));
}

function buildCreateFanout(folder: string, repository?: string): void {
  const program = "lib/create/program.js";
  buildSync({
    entryPoints: [join(ROOT, "packaging/create-fanout.ts")],
    outfile: join(folder, program),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  chmodSync(join(folder, program), 0o755);
  assembleTemplates(join(folder, TEMPLATES));
  copy(["LICENSE"], folder);
  writeManifest(folder, createFanoutManifest(program, repository));
}

function copy(patterns: readonly string[], to: string): void {
  for (const file of patterns.flatMap((one) => globSync(one, { cwd: ROOT, exclude: NOT_SHIPPED }))) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(ROOT, file), join(to, file));
  }
}

/** The rules alone: see lib/stack/guard-rules.ts. */
function copyGuardRules(folder: string): void {
  const from = join(ROOT, "node_modules/@cdklabs/cdk-validator-cfnguard");
  cpSync(join(from, "rules/control-tower"), folder, { recursive: true });
  cpSync(join(from, "LICENSE"), join(folder, "LICENSE"));
}

/** Types lead to the sources in the package. Beside the types, TypeScript would take the sources for the types. */
function pointToSources(folder: string): void {
  for (const file of globSync("lib/**/*.d.ts.map", { cwd: folder })) {
    const up = "../".repeat(file.split("/").length - 1);
    const map = JSON.parse(readFileSync(join(folder, file), "utf8"));
    map.sources = [`${up}src/${file.replace(/\.d\.ts\.map$/, ".ts")}`];
    writeFileSync(join(folder, file), JSON.stringify(map));
  }
}

const writeManifest = (folder: string, manifest: object) =>
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);

/** What a folder weighs, for a person. */
function weigh(folder: string): string {
  const files = globSync("**", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return `${relative(ROOT, folder)}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`;
}

if (import.meta.main) {
  const packages = buildPackages(join(ROOT, "dist"), process.env.GITHUB_REPOSITORY);
  process.stdout.write(`${Object.values(packages).map(weigh).join("\n")}\n`);
}
