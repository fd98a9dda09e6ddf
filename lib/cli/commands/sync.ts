import { relative } from "node:path";
import type { Command } from "commander";
import { print } from "../output.ts";
import type { Project } from "../project.ts";
import { findStaleFiles, sync as writeStaleFiles } from "../sync/generated-files.ts";
import { findDrift } from "../sync/mcp-drift.ts";

export default function sync(command: Command, { root }: Project): void {
  command
    .option("--check", "only say which are out of date")
    .option(
      "--mcp",
      "ask every MCP server for its tools again; with --check, only say what has changed there",
    )
    .action(async ({ check, mcp }: { check?: boolean; mcp?: boolean }) => {
      const stale = await (check ? findStaleFiles(root) : writeStaleFiles(root, mcp ? "all" : "new"));
      const list = stale.map(({ path }) => relative(root, path)).join(", ");
      if (check && stale.length > 0) throw new Error(`Out of date: ${list}. Run: npm run sync`);
      if (check && mcp) await checkServers(root);
      print(stale.length === 0 ? "Everything is up to date." : `Written: ${list}`);
    });
}

/** @throws Error saying what has changed at the MCP servers. */
async function checkServers(root: string): Promise<void> {
  const drift = await findDrift(root);
  if (drift.length === 0) return;
  throw new Error(
    `${drift.join("\n")}\nTo take it, run: npm run sync -- --mcp, and read what has changed in functions/mcp.`,
  );
}
