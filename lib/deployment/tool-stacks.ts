import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { SettingsError } from "./config.ts";

/** Which tools are in which stack: the names by the stack's, `main` for the deployment's own, else that of a nested one. */
export type ToolStacks = Readonly<Record<string, readonly string[]>>;

/** The stack with everything that is not in a nested one. */
export const MAIN_STACK = "main";

/** A project's file with its `ToolStacks`, in its folder `functions`. Without it, all of its tools are in the main stack. */
export const TOOL_STACKS_FILE = "stacks.json";

const schema = z
  .record(z.string().regex(/^(main|Tools\d+)$/), z.array(z.string()))
  .refine((stacks) => new Set(Object.values(stacks).flat()).size === Object.values(stacks).flat().length, {
    error: "a tool is in one stack only",
  });

/**
 * Reads which tools are in which stack.
 * @param functions the project's folder `functions`.
 * @returns undefined if all of them are in the main stack.
 * @throws SettingsError for a file that does not say it, such as one with a merge's conflict in it.
 */
export function readToolStacks(functions: string): ToolStacks | undefined {
  const file = join(functions, TOOL_STACKS_FILE);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    throw new SettingsError(`${file}: expected {"main": ["<tool>", …], "Tools2": […], …}: ${why}`, { cause });
  }
}

/**
 * How many tools a stack gets. CloudFormation allows 500 resources; a tool is 8, in `prod` 10, with provisioned concurrency 12.
 * The rest is for agents, the Restate of `self-hosted` and what an `infra.ts` adds.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
export const TOOLS_PER_STACK = 35;

/** As many tools have never fitted into one stack: 500 resources, 8 each. */
const NEVER_IN_ONE = 62;

/**
 * Gives every tool a stack. A function's name is its own, so CloudFormation cannot move it from one stack to another: a tool
 * stays where it is for as long as it exists, and a new one takes the first place that is free.
 * @param names the project's tools.
 * @param stacks where they are; undefined if all of `earlier` are in the main stack.
 * @param earlier the tools that the project had before.
 * @returns undefined if all of them are in the main stack.
 */
export function placeTools(
  names: readonly string[],
  stacks: ToolStacks | undefined,
  earlier: readonly string[],
): ToolStacks | undefined {
  const there = stacks ?? { [MAIN_STACK]: earlier.length < NEVER_IN_ONE ? earlier : [] };
  const placed: Record<string, string[]> = { [MAIN_STACK]: [] };
  for (const [stack, tools] of Object.entries(there))
    placed[stack] = names.filter((name) => tools.includes(name));
  const known = new Set(Object.values(placed).flat());
  for (const name of names.filter((one) => !known.has(one))) firstWithRoom(placed).push(name);
  const taken = Object.entries(placed).filter(([stack, tools]) => stack === MAIN_STACK || tools.length > 0);
  if (taken.length === 1) return undefined;
  return Object.fromEntries(taken.map(([stack, tools]) => [stack, tools.toSorted()]));
}

/** The tools of the first stack that has room for one more; a new stack if none has. */
function firstWithRoom(placed: Record<string, string[]>): string[] {
  for (let count = 1; ; count++) {
    const stack = count === 1 ? MAIN_STACK : `Tools${count}`;
    const tools = placed[stack] ?? [];
    placed[stack] = tools;
    if (tools.length < TOOLS_PER_STACK) return tools;
  }
}
