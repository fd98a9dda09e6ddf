import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterDeath } from "../../lambda-host/after-death.ts";
import { isPlatform, runDirectory, stateDirectory, stateFile } from "../state-file.ts";

/** Journals, logs and the sandbox's mail are nobody else's business, whatever other files of this person may be. */
const OWNER_ONLY = 0o700;
const OWNERS_UMASK = 0o077;

const lockFile = (root: string) => join(stateDirectory(root), "lock");

/**
 * Makes this process the project's one platform, before it is ready and until the returned function is called.
 * If this process is killed before that, the platform's files are removed all the same. Until then nobody but the owner
 * can read what this process and those that it starts write.
 * @throws Error when another platform runs or starts here.
 */
export function claimProject(root: string): () => void {
  mkdirSync(stateDirectory(root), { recursive: true, mode: OWNER_ONLY });
  // It may have been there with other permissions.
  chmodSync(stateDirectory(root), OWNER_ONLY);
  const other = holderOf(root);
  if (other !== undefined) {
    throw new Error(
      `The local platform already runs here (process ${other}). Ask it with: npx fanout ask "…"`,
    );
  }
  const umask = process.umask(OWNERS_UMASK);
  rmSync(lockFile(root), { force: true });
  writeFileSync(lockFile(root), String(process.pid), { flag: "wx" });
  const files = [stateFile(root), runDirectory(root), lockFile(root)];
  const callOff = afterDeath('rm -rf -- "$@"', ...files);
  return () => {
    for (const file of files) rmSync(file, { recursive: true, force: true });
    process.umask(umask);
    callOff();
  };
}

function holderOf(root: string): number | undefined {
  if (!existsSync(lockFile(root))) return undefined;
  const pid = Number(readFileSync(lockFile(root), "utf8"));
  return isPlatform(pid) ? pid : undefined;
}
