#!/usr/bin/env node
import { runCommandLine } from "fanout/cli";

const exitCode = await runCommandLine(process.argv.slice(2));
// Requests that an interrupted command left behind must not keep the process alive.
process.exit(exitCode);
