#!/usr/bin/env node
import { join } from "node:path";
import { runCommandLine } from "fanout/cli";
import { defaults } from "./defaults.ts";

/** Read where they are needed only: other commands work, and start fast, with a contract that is broken. */
async function loadRoster() {
  const [{ tools }, { agents }, { scaling }] = await Promise.all([
    import("../functions/tools/index.ts"),
    import("../functions/agents/index.ts"),
    import("../functions/scaling.ts"),
  ]);
  return { tools, agents, scaling };
}

/** Only the local platform needs them, and what they import. */
async function loadStandIns() {
  return (await import("../functions/tools/stand-ins.ts")).standIns;
}

const exitCode = await runCommandLine(
  join(import.meta.dirname, ".."),
  process.argv.slice(2),
  loadRoster,
  defaults,
  loadStandIns,
);
// Requests that an interrupted command left behind must not hold the process.
process.exit(exitCode);
