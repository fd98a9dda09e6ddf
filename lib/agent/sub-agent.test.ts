import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../tool/index.ts";
import { type AgentDefinition, defineAgent } from "./definition.ts";
import { tighter } from "./limits.ts";
import { agentTool } from "./sub-agent.ts";

const agent = (parts: Partial<AgentDefinition> = {}) =>
  defineAgent({
    name: "Child",
    description: "Helps.",
    model: "openai/m",
    instructions: "Help.",
    tools: [],
    ...parts,
  });
const tool = (name: string, effect: "read" | "write") =>
  defineTool({ name, description: "Works.", input: z.object({}), output: z.object({}), effect });

test("F11: a sub-agent keeps its own limits, or what its caller has left where that is less", () => {
  const own = { maxTurns: 10, maxToolCalls: 100, maxTokens: 500, deadline: { seconds: 60 } };
  const left = { maxTokens: 900, maxCostUsd: 0.5, deadline: { seconds: 20 } };
  expect(tighter(own, left)).toEqual({ ...own, maxTokens: 500, maxCostUsd: 0.5, deadline: { seconds: 20 } });
  expect(tighter({ ...own, maxCostUsd: 0.1 }, { ...left, maxTokens: 1 })).toMatchObject({
    maxTokens: 1,
    maxCostUsd: 0.1,
  });
  expect(tighter(own, undefined)).toEqual({ ...own, maxCostUsd: undefined });
});

test("F4: a sub-agent is waited for until its own deadline; without one, for ten minutes", () => {
  expect(agentTool(agent({ limits: { deadline: { seconds: 90 } } })).timeout).toEqual({ seconds: 90 });
  expect(agentTool(agent()).timeout).toEqual({ seconds: 600 });
});

test("F5: an agent that has a tool which writes is a write itself", () => {
  expect(agentTool(agent({ tools: [tool("look", "read")] })).effect).toBe("read");
  expect(agentTool(agent({ tools: [tool("look", "read"), tool("book", "write")] })).effect).toBe("write");
});
