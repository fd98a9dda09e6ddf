import { existsSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../../runtime/index.ts";
import type { StandIn, StandIns } from "../../sandbox/index.ts";
import type { Tool } from "../../tool/index.ts";
import { foldersOf, readDefault } from "./definitions.ts";

/**
 * The stand-ins in the tools' folders, by the tool's name.
 * @throws Error naming a file without a stand-in, one that has no effect on the tools, or two for the same provider.
 */
export async function readStandIns(root: string, tools: readonly Tool[]): Promise<StandIns> {
  const standIns: Record<string, StandIn> = {};
  for (const tool of tools) {
    const path = standInOf(root, tool.name);
    if (!existsSync(path)) continue;
    const standIn = await readDefault<StandIn>(path, "defineStandIn", isStandIn);
    const problem = problemOf(standIn, tool, tools);
    if (problem !== undefined) throw new Error(`${path}: ${problem}`);
    standIns[tool.name] = standIn;
  }
  // A project without stand-ins never loads the sandbox.
  if (Object.keys(standIns).length > 0) (await import("../../sandbox/index.ts")).upstreamsOf(standIns);
  return standIns;
}

/** @throws Error when a stand-in is not in the roster: its tool would ask the real provider, unnoticed. */
export function checkStandInRoster(root: string, standIns: StandIns): void {
  const tools = foldersOf(join(root, "functions/tools"));
  if (tools.every((tool) => Object.hasOwn(standIns, tool) || !existsSync(standInOf(root, tool)))) return;
  throw new Error("Out of date: functions/tools/stand-ins.ts. Run: npm run sync");
}

const standInOf = (root: string, tool: string) => join(root, "functions/tools", tool, "stand-in.ts");

function isStandIn(value: unknown): boolean {
  const { provider, words } = Object(value);
  if (provider === undefined) return typeof Object(words).find === "function";
  return typeof Object(provider).name === "string";
}

/** Any URL: only the names of the settings are read. */
const NOWHERE = "http://127.0.0.1";

/**
 * Checks a stand-in against the tools. One without effect would let a tool ask its real provider, or never be asked itself.
 * @param tool the tool whose folder it is in.
 * @returns what is wrong, if anything.
 */
export function problemOf(
  { provider, words }: StandIn,
  tool: Tool,
  tools: readonly Tool[],
): string | undefined {
  // A server's settings are known only when it runs.
  const replaced = provider && "app" in provider ? Object.keys(provider.env(NOWHERE)) : [];
  const declared = new Set(tools.flatMap(settingsOf));
  const unknown = replaced.find((setting) => !declared.has(setting));
  if (unknown !== undefined) {
    const own = settingsOf(tool).join(", ") || "none";
    return `env: expected settings and secrets that a tool declares, got "${unknown}". Declared by ${tool.name}: ${own}.`;
  }
  for (const { input } of words?.find(words.example) ?? []) {
    const { error } = tool.input.safeParse(input);
    if (error)
      return `words: a call found in the example does not fit the contract: ${explain(error, input)}.`;
  }
  return undefined;
}

const settingsOf = ({ env, secrets }: Tool): string[] => [...Object.keys(env), ...secrets];
