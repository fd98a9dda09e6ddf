import { Command, CommanderError } from "commander";
import init from "../lib/cli/commands/init.ts";
import { say } from "../lib/cli/output.ts";

// What `npm create fanout` runs: the kit's `init`, in a package of its own, so that npm need not download the kit twice.
const program = new Command("npm create fanout@latest").exitOverride();
init(program);
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) say(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : 1;
}
