#!/usr/bin/env node
import { join } from "node:path";
import { runCommandLine } from "fanout/cli";
import { defaults } from "./defaults.ts";

/** Read only when they are needed, so that other commands start fast, and work even if a contract is broken. */
async function loadRoster() {
  const [{ tools }, { agents }, { scaling }] = await Promise.all([
    import("../functions/tools/index.ts"),
    import("../functions/agents/index.ts"),
    import("../functions/scaling.ts"),
  ]);
  return { tools, agents, scaling };
}

/** Only the local platform needs them and what they import. */
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
// Requests that an interrupted command left behind must not keep the process alive.
process.exit(exitCode);
