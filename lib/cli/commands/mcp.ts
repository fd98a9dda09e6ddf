import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Command } from "commander";
import type { Roster } from "../../deployment/index.ts";
import { bearerTokens, createMcpEndpoint, type McpOptions, serveMcpOnStdio } from "../../mcp-server/index.ts";
import { serveOnLoopback } from "../../sandbox/index.ts";
import { asUsage, readNumber } from "../arguments.ts";
import { environment } from "../environment.ts";
import { say, sayUnbroken } from "../output.ts";
import { whenNpmEnds } from "../platform/npm-parent.ts";
import type { Project } from "../project.ts";
import { type AddressFlags, addAddressFlags, whereToAsk } from "../restate-address.ts";

/** The setting for the token that clients show. */
const TOKEN = "FANOUT_MCP_TOKEN";

const HELP = `
A client starts it by itself and ends it; docs/client.md says how Claude Desktop, VS Code and others are told to. With --http it serves
this machine's programs until Ctrl-C, those that show the token in $${TOKEN}; without one it makes a token, and prints it on stderr.
Calls go on when it ends. Of a deployment's tools it offers those that exposedTools in bin/stack.ts names.`;

/** Sent by Ctrl-C, `kill` and a closed terminal. */
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

interface McpFlags extends AddressFlags {
  /** True: at any free port. */
  http?: number | true;
  tools?: string[];
  agents?: string[];
}

export default function mcp(command: Command, project: Project): void {
  command
    .option(
      "--http [port]",
      "serve HTTP on 127.0.0.1 (default port: a free one) in place of stdin and stdout",
      asUsage(readNumber({ minValue: 1, maxValue: 65_535 }) as (text: string) => never),
    )
    .option("--tools <names>", "only these tools, as a,b; and no agents but those of --agents", readNames)
    .option("--agents <names>", "only these agents; and no tools but those of --tools", readNames);
  addAddressFlags(command, "to cancel calls by")
    .addHelpText("after", HELP)
    .action((flags: McpFlags) => serve(project, flags));
}

const readNames = (text: string): string[] => text.split(",").map((name) => name.trim());

async function serve({ root, loadRoster }: Project, flags: McpFlags): Promise<void> {
  const restate = whereToAsk(root, flags);
  const onError = (error: unknown) => say(error instanceof Error ? error.message : String(error));
  const options = { restate, ...narrowed(await loadRoster(), flags), onError };
  await (flags.http === undefined ? serveStdio(options) : serveHttp(options, flags.http));
}

/** @throws Error that lists what there is, for a name that is not there. */
function narrowed({ tools, agents }: Roster, only: Pick<McpFlags, "tools" | "agents">): Roster {
  if (only.tools === undefined && only.agents === undefined) return { tools, agents };
  return {
    tools: named(tools, only.tools ?? [], "tool"),
    agents: named(agents, only.agents ?? [], "agent"),
  };
}

function named<T extends { name: string }>(all: readonly T[], names: readonly string[], kind: string): T[] {
  return names.map((name) => {
    const found = all.find((one) => one.name === name);
    if (found) return found;
    const list = all.map((one) => one.name).join(", ");
    throw new Error(`Unknown ${kind} "${name}". There are: ${list}.`);
  });
}

/** Serves the program that has started this one, until it closes stdin. */
async function serveStdio(options: Omit<McpOptions, "authorize">): Promise<void> {
  const ended = Promise.race([once(process.stdin, "close"), once(process.stdin, "end"), signalled()]);
  const server = serveMcpOnStdio(options);
  await ended;
  await server.close();
}

async function serveHttp(options: Omit<McpOptions, "authorize">, port: number | true): Promise<void> {
  const given = environment[TOKEN];
  const token = given ?? randomBytes(24).toString("base64url");
  const endpoint = createMcpEndpoint({
    ...options,
    authorize: bearerTokens([{ token, subject: "you", tools: "all" }]),
    // Whoever has the token is you, so a client that comes back after a restart finds its calls.
    secret: "everybody on this machine is you",
  });
  const { url, stop } = await serveOnLoopback(endpoint, port === true ? 0 : port);
  say(`MCP clients find the tools and agents at this address until Ctrl-C:`);
  sayUnbroken(given ? `${url}/mcp` : `${url}/mcp\nAuthorization: Bearer ${token}`);
  await signalled();
  await stop();
}

/** At the first signal, or when the npm that started this is gone. */
const signalled = () =>
  new Promise<void>((resolve) => {
    for (const signal of END_SIGNALS) process.once(signal, () => resolve());
    whenNpmEnds(environment, resolve);
  });
