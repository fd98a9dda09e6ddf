import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { asUsage } from "../arguments.ts";
import { addFolder, tellOfNew } from "../new-folder.ts";
import type { Project } from "../project.ts";

export default function defineNewTool(command: Command, { root }: Project): void {
  command
    .argument("<name>", "snake_case, such as roll_dice", asUsage(checkToolName))
    .action(async (name: string) => {
      tellOfNew(root, name, await newTool(root, name), `"Use ${name} with text=hello"`);
    });
}

/**
 * @returns the name.
 * @throws TypeError when this cannot be a tool's name.
 */
function checkToolName(name: string): string {
  if (/^[a-z][a-z0-9_]{0,35}$/.test(name)) return name;
  throw new TypeError(
    `A tool's name is snake_case, at most 36 characters, such as roll_dice; got "${name}".`,
  );
}

/**
 * Writes a new tool's folder from a template that works as it is, and adds it to the roster and the table of tools.
 * @returns the paths of the files.
 * @throws TypeError when a tool cannot be called that; Error when the folder exists, or another one is wrong.
 */
export async function newTool(root: string, name: string): Promise<string[]> {
  checkToolName(name);
  const folder = join(root, "functions/tools", name);
  if (existsSync(folder)) throw new Error(`There is a tool called ${name} already: ${folder}`);
  return addFolder(root, folder, toolFiles(name));
}

/** The files of a new tool's folder: contents by name. */
export function toolFiles(name: string) {
  return { "tool.ts": contract(name), "handler.ts": HANDLER, "handler.test.ts": test(name) };
}

const contract = (name: string) => `import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "${name}",
  // What the model decides by.
  description: "Returns a text in capitals. (A new tool: say here what it does and when to use it.)",
  // What the model has to fill in; its descriptions reach the model too.
  input: z.object({
    text: z.string().max(1000).describe("The text to return in capitals."),
  }),
  // What handler.ts has to return.
  output: z.object({
    text: z.string(),
  }),
  // A tool that changes something has effect: "write", and is named in each agent that may use it.
});
`;

const HANDLER = `import { implementTool, serve } from "fanout/tool";
import type * as z from "zod";
import tool from "./tool.ts";

/** The work itself: any code, with any package. It may be async, and takes a \`ToolContext\` as well. */
export function run({ text }: z.output<typeof tool.input>): z.input<typeof tool.output> {
  return { text: text.toUpperCase() };
}

export const service = implementTool(tool, run);
export const handler = serve(service);
`;

const test = (name: string) => `import { expect, test } from "vitest";
import { run } from "./handler.ts";

test("${name} returns the text in capitals", () => {
  expect(run({ text: "hello" })).toEqual({ text: "HELLO" });
});
`;
