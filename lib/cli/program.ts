import { Command, CommanderError, Help } from "commander";
import { keepCompiledCode } from "../cache/index.ts";
import { type CommandEntry, commands } from "./commands/index.ts";
import { findProject } from "./find-project.ts";
import { readKit } from "./kit.ts";
import { helpOutput, say } from "./output.ts";
import type { Project } from "./project.ts";

const EXIT_FAILED = 1;
const EXIT_WRONG_USAGE = 2;

/**
 * Runs the command line.
 * @param argv what follows the program's name.
 * @param project what the commands work on. Default: the project that the working folder belongs to.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function runCommandLine(
  argv: readonly string[],
  project: Project = findProject(process.cwd()),
): Promise<number> {
  try {
    keepCompiledCode(project.root);
    const fanout = program();
    await defineCalled(fanout, commands, argv, project);
    await fanout.parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE;
    say(error instanceof Error ? error.message : String(error));
    return EXIT_FAILED;
  }
}

/** Every command with its entry in the list. */
function program(): Command {
  const fanout = new Command("fanout")
    .description("LLM agents whose tool calls run in parallel, durably, on AWS Lambda.")
    .version(readKit().version, "-V, --version", "print the version")
    .showHelpAfterError("(add --help for the options)")
    .configureOutput(helpOutput)
    // What follows a command's name is its own, also where the command above has an option of the same name.
    .enablePositionalOptions()
    .exitOverride();
  addCommands(fanout, commands);
  return fanout;
}

function addCommands(parent: Command, entries: readonly CommandEntry[]): void {
  const usages = new Map<Command, string>();
  const usual = new Help();
  parent.configureHelp({
    subcommandTerm: (command) => usages.get(command) ?? usual.subcommandTerm(command),
  });
  for (const entry of entries) {
    const command = parent.command(nameOf(entry)).description(entry.summary);
    usages.set(command, entry.usage);
    if ("commands" in entry) addCommands(command, entry.commands);
  }
}

/** Lets the command's own file define it when it is called or its help is asked for. */
async function defineCalled(
  parent: Command,
  entries: readonly CommandEntry[],
  argv: readonly string[],
  project: Project,
): Promise<void> {
  const [name, ...rest] = argv.filter((word) => word !== "help" && word !== "--");
  const entry = entries.find((one) => nameOf(one) === name);
  const command = parent.commands.find((one) => one.name() === name);
  if (!entry || !command) return;
  if ("commands" in entry) await defineCalled(command, entry.commands, rest, project);
  else (await entry.load()).default(command, project);
}

const nameOf = ({ usage }: CommandEntry): string => usage.split(" ", 1)[0] as string;
