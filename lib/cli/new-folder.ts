import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { print } from "./output.ts";
import { readState } from "./state-file.ts";
import { sync } from "./sync/generated-files.ts";

/**
 * Adds a tool's or an agent's folder to the project and to the generated files. If that fails, nothing is left behind.
 * @param files the contents by name.
 * @returns the paths of the files.
 */
export async function addFolder(
  root: string,
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string[]> {
  const created = mkdirSync(folder, { recursive: true });
  try {
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    await sync(root);
  } catch (error) {
    if (created !== undefined) rmSync(created, { recursive: true });
    throw error;
  }
  return Object.keys(files).map((file) => join(folder, file));
}

/** Tells a person what was written, and how to try it. @param words what follows the command that asks an agent. */
export function tellOfNew(root: string, name: string, files: readonly string[], words: string): void {
  const list = files.map((file) => `  ${relative(root, file)}\n`).join("");
  print(`${list}${tryIt(root, name)} ${words}`);
}

/** A running platform deploys the new folder; otherwise one has to be started. */
function tryIt(root: string, name: string): string {
  return readState(root)
    ? `When the platform says "${name}: version 1", try it: npx fanout ask`
    : "Try it: npm start --";
}
