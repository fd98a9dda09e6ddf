import { globSync } from "node:fs";
import { buildSync } from "esbuild";
import root from "../package.json" with { type: "json" };

/** Where a version is looked up: this repository's own, which is what its tests have run with. */
const installed: Readonly<Record<string, string>> = { ...root.devDependencies, ...root.dependencies };

/** Found by their names when they are needed, so that no import tells of them. */
const FOUND_BY_NAME = ["@restatedev/restate-server", "aws-cdk", "typescript"];

/**
 * What a project imports as well, or chooses itself: any version that can do what this one does. npm installs them with the kit.
 */
const SHARED = ["@restatedev/restate-sdk", "aws-cdk", "aws-cdk-lib", "constructs", "zod"];

/**
 * What only a laptop or a deployment needs, and most of the installed bytes: peers, so that a program which only reaches runs can do
 * without them (`npm install fanout --omit=peer`). In exactly the version that the kit was tested with, since no project names them.
 */
const TOOLCHAIN = ["@copilotkit/aimock", "@restatedev/restate-cdk", "@restatedev/restate-server", "cdk-nag"];

/** Without it types are not checked, and everything else works. Older ones lack `erasableSyntaxOnly`. */
const OPTIONAL = { typescript: ">=5.8" };

/**
 * The package's own package.json.
 * @param folder the package's folder, with its JavaScript.
 * @param repository `owner/name` on GitHub, if that is where the package is built: npm's provenance names it.
 * @throws Error for an import of a package whose version this repository does not state.
 */
export function manifestFor(folder: string, repository?: string) {
  const needed = [...new Set([...importedBy(folder), ...FOUND_BY_NAME])].sort();
  const peers = [...SHARED, ...TOOLCHAIN, ...Object.keys(OPTIONAL)].sort();
  const unused = peers.filter((peer) => !needed.includes(peer));
  if (unused.length > 0) throw new Error(`Nothing in lib needs ${unused.join(", ")}.`);
  const since = (peer: string) => (SHARED.includes(peer) ? "^" : "");
  return {
    ...common(repository),
    name: root.name,
    description: root.description,
    sideEffects: root.sideEffects,
    exports: doors(),
    bin: { fanout: "bin/fanout.js" },
    files: ["bin", "lib", "src", "docs", "CHANGELOG.md"],
    dependencies: versions(needed.filter((one) => !peers.includes(one))),
    peerDependencies: { ...versions(peers, since), ...OPTIONAL },
    peerDependenciesMeta: Object.fromEntries(Object.keys(OPTIONAL).map((peer) => [peer, { optional: true }])),
  };
}

/** The package.json of what `npm create fanout` runs. @param program its one file. */
export const createFanoutManifest = (program: string, repository?: string) => ({
  ...common(repository),
  name: "create-fanout",
  description: "Makes a new project with Fanout: npm create fanout@latest my-agents",
  bin: { "create-fanout": program },
  files: ["lib"],
});

/** Both packages have one version, license and origin. */
const common = (repository?: string) => ({
  version: root.version,
  license: root.license,
  type: root.type,
  engines: root.engines,
  ...(repository && { repository: { type: "git", url: `git+https://github.com/${repository}.git` } }),
  publishConfig: { access: "public", provenance: true },
});

/** The doors of this repository, as JavaScript with types. */
function doors() {
  const own = Object.entries(root.exports).map(([door, file]) => {
    const path = file.replace(/\.ts$/, "");
    return [door, { types: `${path}.d.ts`, default: `${path}.js` }];
  });
  return { ...Object.fromEntries(own), "./package.json": "./package.json" };
}

/** The names of the packages that the package's code imports. */
function importedBy(folder: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: folder,
    entryPoints: globSync("**/*.js", { cwd: folder, exclude: ["**/templates/**"] }),
    bundle: true,
    packages: "external",
    metafile: true,
    write: false,
    outdir: "unused",
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return imports.flatMap(({ path, external }) => {
    const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
    return external && name && !path.startsWith("node:") && name !== root.name ? [name] : [];
  });
}

function versions(names: readonly string[], prefix: (name: string) => string = () => "") {
  return Object.fromEntries(
    names.map((name) => {
      const version = installed[name];
      if (version === undefined) throw new Error(`package.json has no version for ${name}.`);
      return [name, `${prefix(name)}${version}`];
    }),
  );
}
