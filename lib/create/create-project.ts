import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { kitVersion, type Manifest } from "./manifest.ts";
import { nameOf } from "./project-name.ts";
import { TEMPLATES, type Template } from "./sources.ts";
import { type Files, readTemplate } from "./templates.ts";

/** What a project is made of. */
export interface NewProject {
  /** Its folder. If it exists, it has to be empty but for a repository, settings of an editor and a licence. */
  directory: string;
  /** Default: `minimal`. */
  template?: string | undefined;
  /** Where npm gets the kit: a range of versions, or the path of a tarball or a folder. Default: this version or a newer one. */
  fanout?: string | undefined;
  /** The version of the Node on this machine. Default: that of the Node which runs this. */
  node?: string;
}

/** A project that has been made. */
interface CreatedProject {
  name: string;
  root: string;
  /** The paths of its files in its folder, sorted. */
  files: string[];
}

/** What a folder may have before there is a project: nothing that a template would have to replace. */
const MAY_BE_THERE = [
  ".git",
  ".gitattributes",
  ".hg",
  ".idea",
  ".vscode",
  ".DS_Store",
  "LICENSE",
  "Thumbs.db",
];

/** How many names of files an error has. */
const MOST_TOLD = 3;

/**
 * Writes a new project. If that fails, nothing of it is left behind.
 * @throws TypeError for a template that does not exist, or a folder whose name cannot be a project's; Error when the folder is
 * not empty or cannot be written.
 */
export function createProject({
  directory,
  template = "minimal",
  fanout,
  node = process.versions.node,
}: NewProject): CreatedProject {
  const root = resolve(directory);
  const { files, manifest: complete } = readTemplate(checkTemplate(template));
  const manifest = forNode(node, complete);
  const kit = fanout === undefined ? `^${kitVersion()}` : sourceOf(fanout);
  const dependencies = sorted({ ...manifest.dependencies, fanout: kit });
  const name = nameOf(root, Object.keys({ ...dependencies, ...manifest.devDependencies }));
  checkEmpty(root);
  const packageJson = `${JSON.stringify({ name, ...manifest, dependencies }, undefined, 2)}\n`;
  const filled = Object.entries(files).map(([path, text]) => [path, text.replaceAll("{{name}}", name)]);
  const all: Files = { ...Object.fromEntries(filled), "package.json": packageJson };
  writeAll(root, all);
  return { name, root, files: Object.keys(all).sort() };
}

/** Lambda's Node, and the first that a project needs no other one beside. */
const LAMBDA_NODE = 24;

/** A Node of the project's own, a fifth of what npm installs, only where the machine's is older than Lambda's. */
function forNode(version: string, manifest: Manifest): Manifest {
  if (Number.parseInt(version, 10) < LAMBDA_NODE) return manifest;
  const { node: _, ...devDependencies } = manifest.devDependencies;
  const { node: __, ...allowScripts } = manifest.allowScripts;
  return { ...manifest, engines: { node: `>=${LAMBDA_NODE}` }, devDependencies, allowScripts };
}

/**
 * @returns the template's name.
 * @throws TypeError naming the templates.
 */
export function checkTemplate(name: string): Template {
  const template = TEMPLATES.find((one) => one === name);
  if (template !== undefined) return template;
  throw new TypeError(`Unknown template "${name}". Templates: ${TEMPLATES.join(", ")}.`);
}

/** npm takes a path as it is seen from the project. @throws Error for a path at which there is nothing. */
function sourceOf(fanout: string): string {
  const path = fanout.replace(/^file:/, "");
  const isPath =
    path !== fanout || /^(?:\.{1,2}$|\.{0,2}[\\/]|[a-z]:[\\/])/i.test(path) || /^[^:]*\.tgz$/.test(path);
  if (!isPath) return fanout;
  if (existsSync(path)) return `file:${resolve(path)}`;
  throw new Error(`Expected a range of versions, a tarball or a folder; there is no ${resolve(path)}.`);
}

/** As npm would write it. */
const sorted = (versions: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(versions).sort(([a], [b]) => a.localeCompare(b, "en")));

function checkEmpty(root: string): void {
  if (!existsSync(root)) return;
  if (!statSync(root).isDirectory()) throw new Error(`Expected a folder, but ${root} is a file.`);
  const there = readdirSync(root).filter((name) => !MAY_BE_THERE.includes(name));
  if (there.length === 0) return;
  const more = there.length > MOST_TOLD ? ` and ${there.length - MOST_TOLD} more` : "";
  const some = there.slice(0, MOST_TOLD).join(", ");
  throw new Error(`Expected an empty folder, or none; ${root} has ${some}${more}. Name another one.`);
}

/** Nothing is left of a project that cannot be written whole. */
function writeAll(root: string, files: Files): void {
  const isNew = !existsSync(root);
  const ours = isNew
    ? [firstNew(root)]
    : Object.keys(files).map((path) => join(root, path.split("/", 1)[0] ?? ""));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
  } catch (error) {
    for (const path of ours) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** The highest of the folders that have to be made for this one. */
const firstNew = (folder: string): string =>
  existsSync(dirname(folder)) ? folder : firstNew(dirname(folder));
