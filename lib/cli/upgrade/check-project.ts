import { existsSync, globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { satisfies } from "semver";
import type { Finding } from "../../operate/index.ts";
import { type Kit, readKit } from "../kit.ts";
import { type Change, changes as everyChange } from "./changes.ts";

/**
 * Looks for what does not fit the kit: lines that an older one needed, and packages that are not what it asks for.
 * @param root the project's folder. What it says of packages is what this project has installed.
 */
export function checkProject(
  root: string,
  { kit = readKit(), changes = everyChange }: { kit?: Kit; changes?: readonly Change[] } = {},
): Finding[] {
  // The kit's own repository imports it from its sources.
  const isKit = readJson(join(root, "package.json"))?.name === kit.name;
  const wrong = isKit ? [] : [...findChanges(root, changes), ...checkPackages(root, kit)];
  const versions = `fanout ${kit.version}, Node ${process.versions.node}`;
  return [{ check: "kit", level: "ok", text: versions }, ...wrong];
}

function findChanges(root: string, changes: readonly Change[]): Finding[] {
  return changes.flatMap(({ since, files, line, advice }) =>
    globSync(files, { cwd: root, exclude: ["**/node_modules/**"] })
      .sort()
      .flatMap((file) => linesOf(root, file).map((text, index) => ({ text, at: `${file}:${index + 1}` })))
      .filter(({ text }) => line.test(text))
      .map(({ text, at }) => {
        return {
          check: at,
          level: "problem",
          text: `since fanout ${since}: ${text.trim()}`,
          advice,
        } as const;
      }),
  );
}

const linesOf = (root: string, file: string) => readFileSync(join(root, file), "utf8").split("\n");

function checkPackages(root: string, { peers }: Kit): Finding[] {
  return Object.entries(peers).flatMap(([name, { range, optional }]): Finding[] => {
    const version = versionOf(root, name);
    if (version === undefined ? optional : satisfies(version, range)) return [];
    const text =
      version === undefined ? `is not installed; expected ${range}` : `is ${version}; expected ${range}`;
    return [{ check: name, level: "problem", text, advice: `npm install "${name}@${range}"` }];
  });
}

/** The version that the project's code gets; undefined if it has none. */
function versionOf(root: string, name: string): string | undefined {
  const paths = createRequire(join(root, "package.json")).resolve.paths(name) ?? [];
  return paths.flatMap((folder) => readJson(join(folder, name, "package.json")) ?? []).at(0)?.version;
}

/** @returns undefined if there is no such file. */
function readJson(file: string): { name?: string; version?: string } | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}
