import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { Spec } from "./spec.ts";

/** A copy of a function's bundle. */
export interface Code {
  /** Its folder: the environments' `LAMBDA_TASK_ROOT`. */
  taskRoot: string;
  /** SHA-256 over paths and contents, in base64. AWS takes it over the zip file, of which there is none here. */
  sha256: string;
  /** Of all files together. */
  bytes: number;
}

/**
 * Copies a function's bundle into a folder that does not exist yet.
 * @throws Error if `codeDir` is no folder.
 */
export function copyCode({ name, codeDir }: Spec, taskRoot: string): Code {
  if (!statSync(codeDir, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`The code of function ${name} should be a folder: ${codeDir}`);
  mkdirSync(taskRoot, { recursive: true });
  cpSync(codeDir, taskRoot, { recursive: true });
  return { taskRoot, ...digest(taskRoot) };
}

function digest(folder: string): Pick<Code, "sha256" | "bytes"> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  let bytes = 0;
  for (const file of files) {
    const content = readFileSync(file);
    bytes += content.length;
    // Lengths keep apart what would otherwise run together.
    hash.update(`${relative(folder, file)}\0${content.length}\0`).update(content);
  }
  return { sha256: hash.digest("base64"), bytes };
}
