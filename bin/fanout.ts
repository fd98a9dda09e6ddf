#!/usr/bin/env node
import { join } from "node:path";
import { runCommandLine } from "../lib/cli/program.ts";

const exitCode = await runCommandLine(join(import.meta.dirname, ".."), process.argv.slice(2));
// Requests that an interrupted command left behind must not hold the process.
process.exit(exitCode);
