import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type DeploymentConfig, SettingsError } from "../deployment/index.ts";

/**
 * The plain Lambda functions of a project, which its tools invoke. Each has a folder with an `index.ts`, and is called
 * `<project>-lambda-<folder>-<stage>`; no tool or agent has such a name.
 * @returns the functions' entry files by name.
 * @throws SettingsError naming a folder without its file, or whose function's name would exceed Lambda's 64 characters.
 */
export function plainLambdas(directory: string, deployment: Names): Record<string, string> {
  if (!existsSync(directory)) return {};
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return Object.fromEntries(
    folders.map(({ name: folder }) => [nameOf(folder, deployment), entryOf(directory, folder)]),
  );
}

type Names = Pick<DeploymentConfig, "project" | "stage">;

function nameOf(folder: string, { project, stage }: Names): string {
  const name = `${project}-lambda-${folder}-${stage}`;
  if (/^[\w-]{1,64}$/.test(name)) return name;
  throw new SettingsError(
    `functions/lambdas/${folder}: expected letters, digits, - and _, and at most 64 in "${name}", which has ${name.length}.`,
  );
}

function entryOf(directory: string, folder: string): string {
  const entry = join(directory, folder, "index.ts");
  if (existsSync(entry)) return entry;
  throw new SettingsError(`${join(directory, folder)} lacks index.ts.`);
}
