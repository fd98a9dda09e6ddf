import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../tool/index.ts";
import { checkCall } from "./checked.ts";
import { defineAgent } from "./definition.ts";
import { agentTool, MAX_DEPTH, subAgentInput } from "./sub-agent.ts";

const gate = defineTool({
  name: "gate",
  description: "Waits.",
  input: z.object({ id: z.json() }),
  output: z.unknown(),
});
const agent = defineAgent({
  name: "Helper",
  description: "Helps.",
  model: "openai/gpt-5.4",
  instructions: "Help.",
  tools: [gate],
});
const tools = [gate, agentTool(agent)];

test("F8: arguments that nest too deep are invalid input, and so is text that is no JSON", () => {
  const check = (input: string) => checkCall(tools, { id: "c", tool: "gate", input }, 0);
  expect(check(`{"id":${"[".repeat(101)}`)).toMatchObject({
    status: "invalid-input",
    error: "The arguments of gate nest deeper than 100 levels.",
  });
  expect(check('{"id": "g0')).toMatchObject({
    status: "invalid-input",
    error: 'The arguments of gate are not valid JSON: {"id": "g0',
  });
});

test("agents may stand three deep", () => {
  const call = { id: "c", tool: "Helper", input: { message: "Look." } };
  expect(checkCall(tools, call, MAX_DEPTH - 2)).toMatchObject({ call });
  expect(checkCall(tools, call, MAX_DEPTH - 1)).toMatchObject({
    status: "over-limit",
    error: "Not called: agents may stand 3 deep.",
  });
  expect(subAgentInput.safeParse({ message: "Go.", depth: MAX_DEPTH }).success).toBe(false);
});
