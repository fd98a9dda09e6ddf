import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../deployment/index.ts";
import type { StandIns } from "../sandbox/index.ts";

/**
 * The nearest folder, from this one upwards, that is a project's: it has a package.json and a folder `functions`.
 * @throws Error when there is none.
 */
export function findProject(from: string): string {
  const root = projectRoot(from);
  if (root !== undefined) return root;
  throw new Error(
    `There is no project at or above ${from}: a folder with package.json and functions. Say which one it is with root.`,
  );
}

/** The stand-ins in a project's roster; none if there is no roster. */
export async function loadStandIns(root: string): Promise<StandIns> {
  const roster = join(root, "functions/tools/stand-ins.ts");
  if (!existsSync(roster)) return {};
  const { standIns } = (await import(pathToFileURL(roster).href)) as { standIns: StandIns };
  return standIns;
}
