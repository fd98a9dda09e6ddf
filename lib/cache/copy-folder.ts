import {
  chmodSync,
  constants,
  cpSync,
  type Dirent,
  linkSync,
  mkdirSync,
  readdirSync,
  statSync,
} from "node:fs";
import { join } from "node:path";

/** Copies a folder, for its owner alone. On file systems that can do so, the copy takes no room. */
export function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) close(entry);
}

/** Whoever made the original may have had another umask. */
function close(entry: Dirent): void {
  if (entry.isSymbolicLink()) return;
  const path = join(entry.parentPath, entry.name);
  chmodSync(path, statSync(path).mode & 0o700);
}

/** The same for a copy that is only read: it shares its files with the original, even when that is removed. */
export function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkFolder(source, target);
    else linkFile(source, target);
  }
}

/** The two folders may be on different file systems. */
function linkFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    cpSync(source, target);
  }
}
