import { relative } from "node:path";
import { Command, CommanderError } from "commander";
import type { Platform } from "../local/platform.ts";
import type { Roster } from "../operate/services.ts";
import type { Admin } from "../restate/admin.ts";
import { readDeploymentConfig, restateUrls } from "../stack/config.ts";
import { asUsage, readInvocationId, readUrl } from "./arguments.ts";
import { ask } from "./ask.ts";
import { cancelRun, offerToCancel, StoppedWatching } from "./cancel.ts";
import { addDemoCommands } from "./demo/command.ts";
import { environment } from "./environment.ts";
import { checkToolName, newTool } from "./new-tool.ts";
import { addOperatingCommands } from "./operate/commands.ts";
import { findStaleFiles, sync } from "./roster.ts";
import { adminOf } from "./run.ts";
import { type PlatformState, readState } from "./state-file.ts";
import { readFault, type UpFlags, withPlatform } from "./up.ts";

const SAMPLE_QUESTION =
  "What's the weather in Tokyo and London? Also the USD to JPY rate, and the AAPL share price.";
const DEFAULT_AGENT = "ParallelToolAgent";

const EXIT_FAILED = 1;
const EXIT_WRONG_USAGE = 2;

/**
 * Runs the command line.
 * @param root the project's folder.
 * @param loadRoster reads the project's tools and agents; only commands that need them do.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage.
 */
export async function runCommandLine(
  root: string,
  argv: readonly string[],
  loadRoster: () => Promise<Roster>,
): Promise<number> {
  try {
    await program(root, loadRoster).parseAsync(argv, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USAGE;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return EXIT_FAILED;
  }
}

function program(root: string, loadRoster: () => Promise<Roster>): Command {
  const fanout = new Command("fanout")
    .description("LLM agents whose tool calls run in parallel, durably, on AWS Lambda.")
    .showHelpAfterError("(add --help for the options)")
    .exitOverride();

  platformFlags(fanout.command("start"))
    .description("start the local platform and ask a first question")
    .argument("[question]", "what to ask", SAMPLE_QUESTION)
    .option("--once", "end after the answer")
    .action(async (question: string, flags: UpFlags & { once?: boolean }) => {
      let answered = false;
      const watch = flags.watch && !flags.once;
      await withPlatform(root, { ...flags, watch }, async (platform, ended) => {
        process.stderr.write(`\n> ${question}\n\n`);
        const id = await ask({ ...platform, agent: DEFAULT_AGENT, message: question, json: false });
        answered = true;
        if (flags.once) return;
        process.stderr.write(whatNext(platform, id));
        await ended;
      });
      if (!answered) throw new Error("Ended before the answer.");
    });

  platformFlags(fanout.command("up"))
    .description("run the local platform until Ctrl-C")
    .action((flags: UpFlags) =>
      withPlatform(root, flags, async (platform, ended) => {
        process.stderr.write(whatNext(platform));
        await ended;
      }),
    );

  fanout
    .command("ask")
    .description(
      "ask an agent; on the local platform, where FANOUT_TARGET says, or at any ingress with --url",
    )
    .argument("<question>", "what to ask")
    .option("--agent <name>", "the agent's service", DEFAULT_AGENT)
    .option(
      "--url <url>",
      "a Restate ingress (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for the ingress (default: $RESTATE_TOKEN)")
    .option("--admin-url <url>", "a Restate admin API, to show progress from with --url", asUsage(readUrl))
    .option("--idempotency-key <key>", "the same key gets the same run")
    .option("--json", "print only the run's output, as JSON", false)
    .action(async (message: string, flags: AskFlags) => {
      const where = whereToAsk(root, flags);
      const interrupt = new AbortController();
      // Stays in place: npm repeats the terminal's Ctrl-C.
      process.on("SIGINT", () => interrupt.abort());
      try {
        await ask({ ...where, ...flags, message, signal: interrupt.signal });
      } catch (error) {
        if (!(error instanceof StoppedWatching)) throw error;
        await offerToCancel(error, adminOf(where));
      }
    });

  fanout
    .command("cancel")
    .description("cancel a run and its calls")
    .argument("<id>", "the run's id, inv_…", asUsage(readInvocationId))
    .option(
      "--admin-url <url>",
      "a Restate admin API (default: FANOUT_TARGET's, or the local platform's)",
      asUsage(readUrl),
    )
    .option("--token <token>", "bearer token for that admin API (default: $RESTATE_TOKEN)")
    .action((id: string, flags: { adminUrl?: string; token?: string }) =>
      cancelRun(whereToCancel(root, flags), id),
    );

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
      const tryIt = readState(root)
        ? `When the platform says "${name}: version 1", try it: npx fanout ask`
        : "Try it: npm start --";
      process.stdout.write(`${list}${tryIt} "Use ${name} with text=hello"\n`);
    });

  fanout
    .command("sync")
    .description("bring the generated files (rosters, the README's table of tools) up to date")
    .option("--check", "only say which are out of date")
    .action(async ({ check }: { check?: boolean }) => {
      const stale = await (check ? findStaleFiles(root) : sync(root));
      const list = stale.map(({ path }) => relative(root, path)).join(", ");
      if (check && stale.length > 0) throw new Error(`Out of date: ${list}. Run: npm run sync`);
      process.stdout.write(stale.length === 0 ? "Everything is up to date.\n" : `Written: ${list}\n`);
    });

  return fanout;
}

function platformFlags(command: Command): Command {
  return command
    .option("--offline", "use the sandbox's model even where there is an API key for a real one")
    .option("--online", "use the real weather, rates, quotes, search and database instead of the sandbox's")
    .option(
      "--fault <upstream:field=value,…>",
      "make a sandbox upstream misbehave, such as finnhub:rateLimit=1 or openai:latency=2000 (repeatable)",
      asUsage(readFault),
    )
    .option("--fresh", "begin without the runs and the state that earlier platforms left in .fanout/data")
    .option("--no-watch", "do not deploy again when files under functions/, lib/ or bin/ change");
}

interface AskFlags {
  agent: string;
  url?: string;
  token?: string;
  adminUrl?: string;
  idempotencyKey?: string;
  json: boolean;
}

function whereToAsk(root: string, { url, token = environment.RESTATE_TOKEN, adminUrl }: AskFlags) {
  if (url) return { ingressUrl: url, token, adminUrl };
  const deployed = deployedRestate();
  return deployed ? { ...deployed, token, ...(adminUrl && { adminUrl }) } : localPlatform(root);
}

function whereToCancel(root: string, flags: { adminUrl?: string; token?: string }): Admin {
  const { adminUrl = deployedRestate()?.adminUrl, token = environment.RESTATE_TOKEN } = flags;
  return adminUrl ? { url: adminUrl, token } : { url: localPlatform(root).adminUrl };
}

/** The Restate of the deployment that FANOUT_TARGET names, if it names one. */
function deployedRestate() {
  return restateUrls(readDeploymentConfig(environment).target);
}

function localPlatform(root: string): PlatformState {
  const state = readState(root);
  if (state) return state;
  throw new Error(
    "No local platform runs here. Start one with: npx fanout up (or name an ingress with --url)",
  );
}

function whatNext({ ingressUrl, adminUrl, sandboxUrl }: Platform, invocationId?: string): string {
  return `
${invocationId ? `This run in Restate's UI: ${adminUrl}/ui/invocations/${invocationId}` : `Restate's UI: ${adminUrl}`}
Ask more, in another terminal:
  npx fanout ask "How many orders do we have, and what is the weather in Paris?"
  curl ${ingressUrl}/restate/call/${DEFAULT_AGENT}/run --json '{"message": "What is the weather in San Francisco and New York?"}'
Make the world worse:
  curl -X PUT ${sandboxUrl}/_control/faults/finnhub --json '{"rateLimitRate": 1}'
Add a tool of your own:
  npx fanout new tool roll_dice
Ctrl-C ends everything.
`;
}
