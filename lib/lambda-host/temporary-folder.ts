import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterDeath } from "./tied-process.ts";

/** An empty folder for temporary files. It goes with `remove`, and even if this process is killed. */
export function temporaryFolder(prefix: string): { path: string; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  const callOff = afterDeath('rm -rf -- "$1"', path);
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true });
      callOff();
    },
  };
}
