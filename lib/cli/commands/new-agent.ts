import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { agentFolder } from "../../agent/index.ts";
import { asUsage } from "../arguments.ts";
import { addFolder, tellOfNew } from "../new-folder.ts";
import type { Project } from "../project.ts";

export default function defineNewAgent(command: Command, { root }: Project): void {
  command
    .argument("<name>", "PascalCase, such as SupportAgent", asUsage(checkAgentName))
    .action(async (name: string) => {
      tellOfNew(root, name, await newAgent(root, name), `--agent ${name} "What can you do?"`);
    });
}

/**
 * @returns the name.
 * @throws TypeError when this cannot be an agent's name.
 */
function checkAgentName(name: string): string {
  if (/^[A-Z][A-Za-z0-9]{0,35}$/.test(name)) return name;
  throw new TypeError(
    `An agent's name is PascalCase, at most 36 characters, such as SupportAgent; got "${name}".`,
  );
}

/**
 * Writes a new agent's folder from a template that works as it is, and adds it to the roster.
 * @returns the paths of the files.
 * @throws TypeError when an agent cannot be called that; Error when the folder exists, or another one is wrong.
 */
export async function newAgent(root: string, name: string): Promise<string[]> {
  const folder = join(root, "functions/agents", agentFolder({ name: checkAgentName(name) }));
  if (existsSync(folder)) throw new Error(`There is an agent called ${name} already: ${folder}`);
  return addFolder(root, folder, agentFiles(name));
}

/** The files of a new agent's folder: contents by name. */
export function agentFiles(name: string) {
  return { "agent.ts": contract(name), "handler.ts": HANDLER, "handler.test.ts": test(name) };
}

const contract = (name: string) => `import { defineAgent } from "fanout/agent";
import { tools } from "../../tools/index.ts";

export default defineAgent({
  name: "${name}",
  // What other agents decide by when this one is their tool.
  description: "Answers questions with the project's tools. (A new agent: say here what it is for.)",
  model: "openai/gpt-5.4",
  // The system prompt.
  instructions: [
    "You are a helpful assistant with tools.",
    "Ask for every call you can make at once in one reply: they run in parallel.",
    "When a call fails, say so, and answer with what you have.",
  ].join(" "),
  // What the model may call: here every tool that only reads. Name one that writes, to allow it.
  tools: tools.filter(({ effect }) => effect === "read"),
});
`;

const HANDLER = `import { createAgent } from "fanout/agent";
import { serve } from "fanout/tool";
import agent from "./agent.ts";

export const service = createAgent(agent);
export const handler = serve(service);
`;

const test = (name: string) => `import { expect, test } from "vitest";
import agent from "./agent.ts";
import { service } from "./handler.ts";

test("${name} is served, with no tool that writes", () => {
  expect(service.name).toBe("${name}");
  expect(agent.tools.filter(({ effect }) => effect === "write")).toEqual([]);
});
`;
