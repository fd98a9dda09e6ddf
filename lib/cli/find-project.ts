import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../deployment/index.ts";
import type { Project } from "./project.ts";

/**
 * The project that a folder belongs to: the nearest folder from there upwards with a `package.json` and `functions`. Its files
 * are read when a command needs them, so that others start fast, and work even if a contract is broken: the rosters in
 * `functions/tools/index.ts` and `functions/agents/index.ts`, and, where they exist, `functions/scaling.ts`,
 * `functions/tools/stand-ins.ts` and `bin/defaults.ts`.
 */
export function findProject(folder: string): Project {
  const found = projectRoot(folder);
  const root = found ?? folder;
  /** @returns nothing if the file may be missing, and is. */
  const load = async (file: string, needed: boolean) => {
    const path = join(root, file);
    if (!needed && !existsSync(path)) return {};
    checkReadable(found, folder, path);
    return import(pathToFileURL(path).href);
  };
  return {
    root,
    async loadRoster() {
      const [{ tools }, { agents }, { scaling }] = await Promise.all([
        load("functions/tools/index.ts", true),
        load("functions/agents/index.ts", true),
        load("functions/scaling.ts", false),
      ]);
      return { tools, agents, scaling };
    },
    loadStandIns: async () => (await load("functions/tools/stand-ins.ts", false)).standIns ?? {},
    loadDefaults: async () => (await load("bin/defaults.ts", false)).defaults ?? {},
  };
}

/** @throws Error saying what to do. */
function checkReadable(root: string | undefined, folder: string, file: string): void {
  if (root === undefined) {
    throw new Error(
      `There is no project here: neither ${folder} nor a folder above it has package.json and functions. Make one with: npx fanout init my-agents`,
    );
  }
  if (!process.features.typescript) {
    throw new Error(
      `Node ${process.versions.node} cannot read a project in TypeScript; Node 22.18 and later can. Run the command by npm, which takes the project's own Node: npx fanout`,
    );
  }
  if (!existsSync(file)) throw new Error(`There is no ${file}. Write it with: npx fanout sync`);
}
