import { relative } from "node:path";
import { Command, CommanderError } from "commander";
import type { Roster } from "../deployment/index.ts";
import { AGENT_FLAG, AgentChoiceError, agentNames, chooseAgent, type Defaults } from "./agent-choice.ts";
import { asUsage } from "./arguments.ts";
import { ask } from "./ask.ts";
import { addAskCommands } from "./ask-commands.ts";
import { addDemoCommands } from "./demo/command.ts";
import { checkAgentName, newAgent } from "./new-agent.ts";
import { checkToolName, newTool } from "./new-tool.ts";
import { addOperatingCommands } from "./operate/commands.ts";
import { helpOutput, print, say, sayUnbroken } from "./output.ts";
import { findStaleFiles, sync } from "./roster.ts";
import { readState } from "./state-file.ts";
import { readFault, type UpFlags, withPlatform } from "./up.ts";
import { firstQuestion, whatNext } from "./what-next.ts";

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
    await program(root, loadRoster, defaults).parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE;
    say(error instanceof Error ? error.message : String(error));
    return EXIT_FAILED;
  }
}

function program(root: string, loadRoster: () => Promise<Roster>, defaults: Defaults): Command {
  const fanout = new Command("fanout")
    .description("LLM agents whose tool calls run in parallel, durably, on AWS Lambda.")
    .showHelpAfterError("(add --help for the options)")
    .configureOutput(helpOutput)
    .exitOverride();

  platformFlags(fanout.command("start"))
    .description("start the local platform and ask a first question")
    .argument("[question]", "what to ask")
    .option("--agent <name>", AGENT_FLAG)
    .option("--once", "end after the answer")
    .action(async (question: string | undefined, flags: StartFlags) => {
      const agents = () => agentNames(loadRoster, undefined);
      const choose = async () => chooseAgent(await agents(), flags.agent, defaults.agent);
      // What is wrong with a contract is said best by what deploys it.
      await choose().catch((error) => error instanceof AgentChoiceError && Promise.reject(error));
      let answered = false;
      const watch = flags.watch && !flags.once;
      await withPlatform(root, { ...flags, watch }, async (platform, ended) => {
        const agent = await choose();
        const message = question ?? firstQuestion(agent, defaults);
        say(`\n> ${message}\n`);
        const invocationId = await ask({ ...platform, agent, message, json: false });
        answered = true;
        if (flags.once) return;
        sayUnbroken(whatNext(platform, await agents(), defaults, { agent, invocationId }));
        await ended;
      });
      if (!answered) throw new Error("Ended before the answer.");
    });

  platformFlags(fanout.command("up"))
    .description("run the local platform until Ctrl-C")
    .action((flags: UpFlags) =>
      withPlatform(root, flags, async (platform, ended) => {
        sayUnbroken(whatNext(platform, await agentNames(loadRoster, undefined), defaults));
        await ended;
      }),
    );

  addAskCommands(fanout, root, loadRoster, defaults);
  addOperatingCommands(fanout, root, loadRoster);
  addDemoCommands(fanout);

  const create = fanout.command("new").description("add something to the project");
  create
    .command("tool")
    .description(
      "write a new tool's folder; it joins the agent, the stack and the local platform by being there",
    )
    .argument("<name>", "snake_case, such as roll_dice", asUsage(checkToolName))
    .action(async (name: string) => {
      const files = await newTool(root, name);
      const list = files.map((file) => `  ${relative(root, file)}\n`).join("");
      print(`${list}${tryIt(root, name)} "Use ${name} with text=hello"`);
    });

  create
    .command("agent")
    .description("write a new agent's folder; it joins the stack and the local platform by being there")
    .argument("<name>", "PascalCase, such as SupportAgent", asUsage(checkAgentName))
    .action(async (name: string) => {
      const files = await newAgent(root, name);
      const list = files.map((file) => `  ${relative(root, file)}\n`).join("");
      print(`${list}${tryIt(root, name)} --agent ${name} "What can you do?"`);
    });

  fanout
    .command("sync")
    .description("bring the generated files (rosters, the README's table of tools) up to date")
    .option("--check", "only say which are out of date")
    .action(async ({ check }: { check?: boolean }) => {
      const stale = await (check ? findStaleFiles(root) : sync(root));
      const list = stale.map(({ path }) => relative(root, path)).join(", ");
      if (check && stale.length > 0) throw new Error(`Out of date: ${list}. Run: npm run sync`);
      print(stale.length === 0 ? "Everything is up to date." : `Written: ${list}`);
    });

  return fanout;
}

function platformFlags(command: Command): Command {
  return command
    .option("--offline", "use the sandbox's model even where there is an API key for a real one")
    .option("--online", "use the real weather, rates, quotes, search and database instead of the sandbox's")
    .option(
      "--fault <upstream:field=value,…>",
      "make a sandbox upstream misbehave, such as finnhub:rateLimitRate=1 or openai:latencyMs=2000 (repeatable)",
      asUsage(readFault),
    )
    .option("--fresh", "begin without the runs and the state that earlier platforms left in .fanout/data")
    .option("--no-watch", "do not deploy again when files under functions/, lib/ or bin/ change");
}

/** How to use something new: the platform that runs here deploys it, or a new one does. */
function tryIt(root: string, name: string): string {
  return readState(root)
    ? `When the platform says "${name}: version 1", try it: npx fanout ask`
    : "Try it: npm start --";
}

interface StartFlags extends UpFlags {
  agent?: string;
  once?: boolean;
}
