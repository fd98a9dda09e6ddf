import { existsSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { Digests } from "./digests.ts";

/** What work has read. */
export interface Inputs {
  /** Paths of files, and of folders with everything in them. One that does not exist has to stay so. */
  contents: readonly string[];
  /** Paths of folders in which no file may be added or removed. */
  names: readonly string[];
}

/** Inputs with their digests, by paths that mean the same in every copy of the project. */
export interface InputRecord {
  contents: Readonly<Record<string, string>>;
  names: Readonly<Record<string, string>>;
}

/** A project's folder, and the folder into which the work writes. */
export interface Places {
  root: string;
  out: string;
}

/** A function's code and its tests lie side by side; installed packages are known by their versions. */
const leavesOut = (name: string) => name === "node_modules" || name.endsWith(".test.ts");

/** Digests of a project's files, without tests and installed packages. */
export const projectDigests = (): Digests => new Digests(leavesOut);

/** @param now reads each file once for all records that it is used for. */
export function recordInputs({ contents, names }: Inputs, places: Places, now: Digests): InputRecord {
  const record = (paths: readonly string[], read: (path: string) => string) =>
    Object.fromEntries(
      [...new Set(paths)].map((path) => [portable(path, places), read(path)] as const).sort(),
    );
  return {
    contents: record(contents, (path) => now.contents(path)),
    names: record(names, (path) => now.names(path)),
  };
}

/** Whether nothing has changed since then (Unix ms). */
export function isOlder({ contents, names }: Inputs, begun: number, now: Digests): boolean {
  return (
    contents.every((path) => now.changedAt(path) < begun) &&
    names.every((path) => (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) < begun)
  );
}

/** Whether every input is as it was. @param now reads each file once for all records that it is used for. */
export function isUnchanged({ contents, names }: InputRecord, places: Places, now: Digests): boolean {
  return (
    Object.entries(contents).every(([path, digest]) => now.contents(located(path, places)) === digest) &&
    Object.entries(names).every(([path, digest]) => now.names(located(path, places)) === digest)
  );
}

/** The inputs of a record, where they are in this copy of the project. */
export function inputsOf({ contents, names }: InputRecord, places: Places): Inputs {
  const paths = (record: object) => Object.keys(record).map((path) => located(path, places));
  return { contents: paths(contents), names: paths(names) };
}

const OUT = "<out>";
const PACKAGES = `node_modules${sep}`;

/** Inside the project and inside what is made relative to it; a package in the project's node_modules, even if that is a link. */
function portable(path: string, { root, out }: Places): string {
  if (isIn(out, path)) return join(OUT, relative(out, path));
  if (isIn(root, path)) return relative(root, path);
  const inPackages = path.indexOf(PACKAGES);
  if (inPackages < 0) return path;
  const installed = path.slice(inPackages);
  const here = join(root, installed);
  return existsSync(here) && realpathSync(here) === realpathSync(path) ? installed : path;
}

function located(path: string, { root, out }: Places): string {
  if (path === OUT || path.startsWith(OUT + sep)) return join(out, path.slice(OUT.length));
  return isAbsolute(path) ? path : resolve(root, path);
}

/** Whether a path is a folder, or in it. */
export function isIn(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
