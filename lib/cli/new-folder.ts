import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sync } from "./roster.ts";

/**
 * Adds a tool's or an agent's folder to the project, and to the generated files. When that fails, nothing is left behind.
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
