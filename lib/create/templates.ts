import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Manifest, manifestOf } from "./manifest.ts";
import { KIT, SOURCES, TEMPLATES, type Template } from "./sources.ts";

/** Contents of files by their paths in a project. */
export type Files = Readonly<Record<string, string>>;

const FOLDER = join(import.meta.dirname, "templates");
/** How a `package.json` is called in the kit, whose own names, such as `fanout/tool`, would end at a folder with one. */
const MANIFEST = "_package.json";

/**
 * A template's files, in which `{{name}}` stands for the project's name, and its `package.json`, which lacks what a project
 * adds to it: its name and where the kit comes from.
 */
export function readTemplate(template: Template): { files: Files; manifest: Manifest } {
  const folder = join(FOLDER, template);
  const manifest = join(folder, MANIFEST);
  // The published package has complete folders; the repository has each file once.
  return existsSync(manifest)
    ? { files: withoutManifest(filesIn(folder)), manifest: JSON.parse(readFileSync(manifest, "utf8")) }
    : { files: collect(template), manifest: manifestOf(template) };
}

/**
 * Writes every template as a complete folder, as {@link readTemplate} finds it in the published package.
 * @param directory where the build has `lib/create/templates`.
 */
export function assembleTemplates(directory: string): void {
  for (const template of TEMPLATES) {
    const { files, manifest } = readTemplate(template);
    const folder = join(directory, template);
    for (const [path, content] of Object.entries(files)) write(join(folder, storedAs(path)), content);
    write(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}

function collect(template: Template): Files {
  const found = SOURCES[template].flatMap(({ from, to }) =>
    Object.entries(filesIn(join(KIT, from))).map(([path, content]) => [join(to, path), content] as const),
  );
  return Object.fromEntries(found);
}

/** The files in a folder, or a file on its own, by their paths in a project. */
function filesIn(path: string): Files {
  if (!statSync(path).isDirectory()) return { [basename(path)]: readFileSync(path, "utf8") };
  const files = readdirSync(path, { recursive: true, encoding: "utf8" }).filter(
    (name) => statSync(join(path, name)).isFile() && !name.includes("node_modules"),
  );
  return Object.fromEntries(files.map((name) => [asInProject(name), readFileSync(join(path, name), "utf8")]));
}

const withoutManifest = ({ [asInProject(MANIFEST)]: _, ...files }: Files): Files => files;

// npm leaves out or renames some of the files whose names begin with a dot, so they are kept with `_` in its place.
const storedAs = (path: string) => path.replaceAll(/(^|\/)\./g, "$1_");
const asInProject = (path: string) => path.replaceAll("\\", "/").replaceAll(/(^|\/)_/g, "$1.");

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
