import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestFor } from "./manifest.ts";

const ROOT = join(import.meta.dirname, "..");

/** What the package has beside its code, as it is here. */
const AS_IT_IS = ["LICENSE", "README.md", "CHANGELOG.md", "docs/**/*.{md,svg}"];
/** What code of the kit reads or runs that is no TypeScript. */
const DATA = ["lib/**/*.{mjs,grit}", "lib/*/README.md"];
/** What editors show for a name of the kit. */
const SOURCES = ["lib/**/*.ts"];
const NOT_SHIPPED = ["**/*.test.ts", "**/node_modules/**", "docs/site/**"];

/**
 * Writes the npm package to a folder, which `npm pack` and `npm publish` take as it is.
 * @param dist the folder, which is emptied first.
 */
export function buildPackage(dist: string, repository?: string): void {
  rmSync(dist, { recursive: true, force: true });
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", "packaging", "--outDir", dist], {
    cwd: ROOT,
    stdio: "inherit",
  });
  copy([...AS_IT_IS, ...DATA], dist);
  copy(SOURCES, join(dist, "src"));
  copyGuardRules(join(dist, "lib/stack/control-tower"));
  pointToSources(dist);
  chmodSync(join(dist, "bin/fanout.js"), 0o755);
  const manifest = manifestFor(dist, repository);
  writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
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
function pointToSources(dist: string): void {
  for (const file of globSync("lib/**/*.d.ts.map", { cwd: dist })) {
    const up = "../".repeat(file.split("/").length - 1);
    const map = JSON.parse(readFileSync(join(dist, file), "utf8"));
    map.sources = [`${up}src/${file.replace(/\.d\.ts\.map$/, ".ts")}`];
    writeFileSync(join(dist, file), JSON.stringify(map));
  }
}

if (import.meta.main) buildPackage(join(ROOT, "dist"), process.env.GITHUB_REPOSITORY);
