import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kitVersion, versionsOf } from "./manifest.ts";

/** What `npm create fanout` runs: the kit's own `init`, with the arguments as they came. */
const PROGRAM = `#!/usr/bin/env node
import { runCommandLine } from "fanout/cli";

process.exit(await runCommandLine(["init", ...process.argv.slice(2)]));
`;

/**
 * Writes the package `create-fanout`, which npm downloads and runs for `npm create fanout`. It has the kit's version, and
 * needs exactly that version of the kit. Called by the build, in the repository.
 */
export function writeCreatePackage(directory: string): void {
  const version = kitVersion();
  const manifest = {
    name: "create-fanout",
    version,
    description: "Makes a new project with Fanout: npm create fanout@latest my-agents",
    license: "MIT",
    type: "module",
    bin: { "create-fanout": "index.js" },
    files: ["index.js"],
    engines: { node: ">=20" },
    // npm finds its Node before an older one of the system.
    dependencies: { fanout: version, ...versionsOf(["node"]) },
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(directory, "index.js"), PROGRAM, { mode: 0o755 });
}
