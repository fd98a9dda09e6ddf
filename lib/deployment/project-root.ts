import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The project that a folder belongs to: the nearest one from there upwards with `package.json` and `functions`. */
export function projectRoot(folder: string): string | undefined {
  if (["package.json", "functions"].every((name) => existsSync(join(folder, name)))) return folder;
  const above = dirname(folder);
  return above === folder ? undefined : projectRoot(above);
}
