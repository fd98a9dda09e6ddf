import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KIT, PACKAGES, type Template } from "./sources.ts";

type Versions = Readonly<Record<string, string>>;

/** The part of a `package.json` that the kit decides on. */
export interface Manifest {
  private: true;
  type: "module";
  scripts: Readonly<Record<string, string>>;
  engines?: Versions;
  dependencies: Versions;
  devDependencies: Versions;
  /** Which install scripts npm may run: that of `node` puts Node 24 into `node_modules/.bin`. */
  allowScripts: Readonly<Record<string, boolean>>;
}

const SCRIPTS = {
  start: "fanout start",
  fanout: "fanout",
  sync: "fanout sync",
  prepare: "fanout sync",
  types: "fanout sync && tsc",
  test: "fanout sync && vitest run",
  synth: "fanout sync && cdk synth --quiet",
  deploy: "fanout deploy",
};

/** The page is built by Vite, and its code checked with the types of a browser. */
const CHAT_SCRIPTS = {
  web: "vite build web --logLevel error && node web/server.ts",
  types: `${SCRIPTS.types} && tsc -p web && tsc -p web/src`,
};

const EVERY_PROJECT = {
  dependencies: ["zod"],
  devDependencies: ["@types/node", "aws-cdk", "aws-cdk-lib", "constructs", "node", "typescript", "vitest"],
};

/** Made from the repository's own `package.json`: a project gets the versions that the kit was tested with. */
export function manifestOf(template: Template): Manifest {
  const more = PACKAGES[template];
  return {
    private: true,
    type: "module",
    scripts: template === "chat" ? { ...SCRIPTS, ...CHAT_SCRIPTS } : SCRIPTS,
    dependencies: versionsOf([...EVERY_PROJECT.dependencies, ...more.dependencies]),
    devDependencies: versionsOf([...EVERY_PROJECT.devDependencies, ...more.devDependencies]),
    allowScripts: { node: true, esbuild: true, "@scarf/scarf": false },
  };
}

/** The versions of packages that the repository was tested with. @throws Error naming one that neither the kit nor its example of a chat depends on. */
export function versionsOf(names: readonly string[]): Versions {
  const known = { ...versionsIn("examples/chat/package.json"), ...versionsIn("package.json") };
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const version = known[name];
      if (version === undefined) throw new Error(`A template needs ${name}, which no package.json names.`);
      return [name, version];
    }),
  );
}

function versionsIn(path: string): Versions {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(KIT, path), "utf8"));
  return { ...dependencies, ...devDependencies };
}

/** The version of the kit that this code belongs to. */
export const kitVersion = (): string => JSON.parse(readFileSync(join(KIT, "package.json"), "utf8")).version;
