import { relative } from "node:path";
import type { Command } from "commander";
import { print } from "../output.ts";
import type { Project } from "../project.ts";
import { findStaleFiles, sync as writeStaleFiles } from "../sync/generated-files.ts";

export default function sync(command: Command, { root }: Project): void {
  command
    .option("--check", "only say which are out of date")
    .action(async ({ check }: { check?: boolean }) => {
      const stale = await (check ? findStaleFiles(root) : writeStaleFiles(root));
      const list = stale.map(({ path }) => relative(root, path)).join(", ");
      if (check && stale.length > 0) throw new Error(`Out of date: ${list}. Run: npm run sync`);
      print(stale.length === 0 ? "Everything is up to date." : `Written: ${list}`);
    });
}
