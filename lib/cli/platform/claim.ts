import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterDeath } from "../../lambda-host/index.ts";
import { isPlatform, platformFiles } from "../state-file.ts";

/** Journals, logs and the sandbox's mail are private, whatever the person's umask says. */
const OWNER_ONLY = 0o700;
const OWNERS_UMASK = 0o077;

/**
 * Makes this process the project's only platform, even before it is ready, until the returned function is called.
 * If this process is killed, the platform's files are removed anyway. Until then only the owner can read what this process
 * and its children write.
 * @throws Error when another platform runs or starts here.
 */
export function claimProject(root: string): () => void {
  const { folder, state, lock, run } = platformFiles(root);
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
  // It may have existed with other permissions.
  chmodSync(folder, OWNER_ONLY);
  const other = holderOf(lock);
  if (other !== undefined) {
    throw new Error(
      `The local platform already runs here (process ${other}). Ask it with: npx fanout ask "…"`,
    );
  }
  const umask = process.umask(OWNERS_UMASK);
  rmSync(lock, { force: true });
  writeFileSync(lock, String(process.pid), { flag: "wx" });
  const files = [state, run, lock];
  const callOff = afterDeath('rm -rf -- "$@"', ...files);
  return () => {
    for (const file of files) rmSync(file, { recursive: true, force: true });
    process.umask(umask);
    callOff();
  };
}

function holderOf(lock: string): number | undefined {
  if (!existsSync(lock)) return undefined;
  const pid = Number(readFileSync(lock, "utf8"));
  return isPlatform(pid) ? pid : undefined;
}
