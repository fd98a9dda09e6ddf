import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../../cache/index.ts";
import { PackageError } from "./error.ts";
import { type Manifest, type Packages, withDependencies } from "./installed.ts";
import { type System, systemName } from "./system.ts";

/** How long npm may take; some addons are tens of megabytes. */
const TIMEOUT_MS = 300_000;

/**
 * Installs packages with their dependencies for a system other than this machine's, in the versions of package-lock.json and
 * without running their scripts. What was installed before is reused, without the network.
 * @param names names of packages at the top of node_modules.
 * @returns a folder with a node_modules like the project's.
 * @throws PackageError when npm fails.
 */
export function installFor(system: System, packages: Packages, names: readonly string[]): string {
  const lock = lockOf(packages, names);
  const hash = createHash("sha256")
    .update(JSON.stringify([system, lock]))
    .digest("hex");
  const installed = cacheFolder(packages.root, hash);
  if (existsSync(installed)) return installed;
  mkdirSync(dirname(installed), { recursive: true });
  const folder = mkdtempSync(cacheFolder(packages.root, "installing-"));
  try {
    install(system, packages.root, folder, lock);
    // Only a complete folder gets its final name. Another process may have been faster.
    if (!existsSync(installed)) renameSync(folder, installed);
    return installed;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The part of the project's lock that concerns some packages, as the lock of a project that depends on them. */
function lockOf(packages: Packages, names: readonly string[]) {
  const paths = withDependencies(
    packages,
    names.map((name) => `node_modules/${name}`),
  );
  const entries = paths.map((path) => {
    // A development dependency of the project is an ordinary one here.
    const { dev, devOptional, peer, ...manifest } = packages.manifest(path) as Manifest;
    return [path, manifest] as const;
  });
  const versions = names.map((name) => {
    const { name: alias, version } = packages.manifest(`node_modules/${name}`) ?? {};
    return [name, alias === undefined ? version : `npm:${alias}@${version}`];
  });
  const project = { name: "packages", version: "0.0.0", dependencies: Object.fromEntries(versions) };
  return { ...project, lockfileVersion: 3, packages: { "": project, ...Object.fromEntries(entries) } };
}

function install(system: System, root: string, folder: string, lock: ReturnType<typeof lockOf>): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify(lock.packages[""]));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  // It may name another registry, and how to log in there.
  const settings = join(folder, ".npmrc");
  if (existsSync(join(root, ".npmrc"))) cpSync(join(root, ".npmrc"), settings);
  const { status, error, stderr } = spawnSync(
    "npm",
    [
      ...["ci", "--ignore-scripts", "--include=optional", "--prefer-offline", "--no-audit", "--no-fund"],
      ...Object.entries(system).map(([key, value]) => `--${key}=${value}`),
    ],
    { cwd: folder, encoding: "utf8", timeout: TIMEOUT_MS },
  );
  rmSync(settings, { force: true });
  if (status !== 0)
    throw new PackageError(
      `npm could not install ${Object.keys(lock.dependencies).join(", ")} for ${systemName(system)}, on which Lambda runs it: ${error?.message ?? reasonIn(stderr)}`,
    );
}

/** npm's reason for a failure; its other lines are about logs. */
const MAX_REASON_LINES = 3;

function reasonIn(stderr: string): string {
  return stderr
    .split("\n")
    .flatMap((line) => /^npm (?:error|ERR!) (?!code|A complete log)(.*)/.exec(line)?.[1] ?? [])
    .slice(0, MAX_REASON_LINES)
    .join(" ");
}
