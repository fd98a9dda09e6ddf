#!/usr/bin/env node
import { join } from "node:path";
import { runCommandLine } from "../lib/cli/program.ts";

process.exitCode = await runCommandLine(join(import.meta.dirname, ".."), process.argv.slice(2));
