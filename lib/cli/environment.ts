import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** The one place where the command line reads its environment. */
export const environment: Readonly<Record<string, string | undefined>> = process.env;

/** The project's file for a laptop's settings and secrets. Git ignores it. */
export const envFile = (root: string) => join(root, ".env");

/**
 * Reads a person's settings: the environment's, and those of the project's `.env` for names that the environment lacks.
 * A variable that is set but empty overrides what the file says.
 */
export function readOwnSettings(root: string, variables = environment): Readonly<Record<string, string>> {
  const file = envFile(root);
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return { ...fromFile, ...variables } as Record<string, string>;
}
