import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { cacheFolder } from "./toolchain.ts";

/** Node keeps a file for each module that it loads, here some 700, and removes none. */
const MOST_FILES = 5_000;

/**
 * Lets Node keep what it compiles from now on, and use what it kept for modules that have not changed. Most of the time that a
 * program of this size takes to load is for taking the types out of its code. A folder without packages stays as it is: it may be
 * that of a project which has yet to be made.
 * @see https://nodejs.org/docs/latest-v24.x/api/module.html#module-compile-cache
 */
export function keepCompiledCode(root: string): void {
  if (!existsSync(join(root, "node_modules"))) return;
  const folder = cacheFolder(root, "compiled");
  try {
    mkdirSync(dirname(folder), { recursive: true });
    if (filesIn(folder) > MOST_FILES) rmSync(folder, { recursive: true, force: true });
    // Node 20, which `fanout init` has to do with, lacks it.
    nodeModule.enableCompileCache?.(folder);
  } catch {
    // Without it everything works, only slower.
  }
}

function filesIn(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    return 0;
  }
}
