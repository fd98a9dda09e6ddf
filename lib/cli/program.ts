import { Command, CommanderError, Help } from "commander";
import type { Roster } from "../deployment/index.ts";
import type { Defaults } from "./agent-choice.ts";
import { type CommandEntry, commands } from "./commands/index.ts";
import { helpOutput, say } from "./output.ts";
import type { Project } from "./project.ts";

const EXIT_FAILED = 1;
const EXIT_WRONG_USAGE = 2;

/**
 * Runs the command line.
 * @param root the project's folder.
 * @param loadRoster reads the project's tools and agents; only commands that need them do.
 * @param defaults what is asked, and whom, where a person names nothing.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function runCommandLine(
  root: string,
  argv: readonly string[],
  loadRoster: () => Promise<Roster>,
  defaults: Defaults = {},
): Promise<number> {
  try {
    await program({ root, loadRoster, defaults }).parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE;
    say(error instanceof Error ? error.message : String(error));
    return EXIT_FAILED;
  }
}

function program(project: Project): Command {
  const fanout = new Command("fanout")
    .description("LLM agents whose tool calls run in parallel, durably, on AWS Lambda.")
    .showHelpAfterError("(add --help for the options)")
    .configureOutput(helpOutput)
    .exitOverride();
  addCommands(fanout, commands, project);
  return fanout;
}

/** Adds commands by what the list says of them; a command's own file completes it when it is called. */
function addCommands(parent: Command, entries: readonly CommandEntry[], project: Project): void {
  const listed = new Map<Command, CommandEntry>();
  const usual = new Help();
  parent.configureHelp({
    subcommandTerm: (command) => listed.get(command)?.usage ?? usual.subcommandTerm(command),
  });
  for (const entry of entries) {
    const [name = ""] = entry.usage.split(" ");
    const command = parent.command(name).description(entry.summary);
    if ("commands" in entry) addCommands(command, entry.commands, project);
    listed.set(command, entry);
  }
  parent.hook("preSubcommand", async (_, command) => {
    const entry = listed.get(command);
    if (entry && "load" in entry) (await entry.load()).default(command, project);
  });
}
