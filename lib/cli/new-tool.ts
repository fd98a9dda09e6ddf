import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sync } from "./roster.ts";

/**
 * Writes a new tool's folder from a template that works as it is, and adds it to the roster.
 * @returns the paths of the files.
 * @throws Error when the name is not snake_case or the folder exists.
 */
export async function newTool(root: string, name: string): Promise<string[]> {
  if (!/^[a-z][a-z0-9_]{0,35}$/.test(name)) {
    throw new TypeError(
      `A tool's name is snake_case, at most 36 characters, such as roll_dice; got "${name}".`,
    );
  }
  const folder = join(root, "functions/tools", name);
  if (existsSync(folder)) throw new Error(`${folder} exists already.`);
  const files = { "tool.ts": contract(name), "handler.ts": HANDLER, "handler.test.ts": test(name) };
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  await sync(root);
  return Object.keys(files).map((file) => join(folder, file));
}

const contract = (name: string) => `import { z } from "zod";
import { defineTool } from "../../../lib/tool/index.ts";

export default defineTool({
  name: "${name}",
  description: "Says what ${name.replaceAll("_", " ")} does, in the model's reading.",
  input: z.object({ text: z.string().max(1000).describe("What to work on.") }),
  output: z.object({ text: z.string() }),
});
`;

const HANDLER = `import type { z } from "zod";
import { implementTool, serve } from "../../../lib/tool/index.ts";
import tool from "./tool.ts";

export function run({ text }: z.output<typeof tool.input>): z.input<typeof tool.output> {
  return { text: text.toUpperCase() };
}

export const service = implementTool(tool, run);
export const handler = serve(service);
`;

const test = (name: string) => `import { expect, test } from "vitest";
import { run } from "./handler.ts";

test("${name} answers in capitals", () => {
  expect(run({ text: "hello" })).toEqual({ text: "HELLO" });
});
`;
