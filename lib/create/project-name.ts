import { basename } from "node:path";

/** npm's limit. @see https://docs.npmjs.com/cli/configuring-npm/package-json#name */
const MAX_LENGTH = 214;
/** Names of folders that npm makes itself. */
const TAKEN = ["node_modules", "favicon.ico"];

/**
 * A folder's name as npm takes it: in lower case, with a hyphen for what is no letter, digit, `.` or `_`.
 * @param packages names of packages in the project, which cannot be called like one of them.
 * @throws TypeError when nothing of the name can be kept, or it is taken.
 */
export function nameOf(directory: string, packages: readonly string[]): string {
  const folder = basename(directory);
  const name = folder
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, "-")
    .replaceAll(/^[-._]+|-+$/g, "")
    .slice(0, MAX_LENGTH);
  if (name === "")
    throw new TypeError(
      `Expected a folder with letters a to z or digits in its name, such as my-agents; got "${folder}".`,
    );
  if (TAKEN.includes(name) || packages.includes(name))
    throw new TypeError(
      `A project cannot be called "${name}", which is another package's name: choose another name for its folder, such as my-agents.`,
    );
  return name;
}
