import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { serveOnLoopback } from "../sandbox/index.ts";
import { agentNames, chooseAgent } from "./agent-choice.ts";

describe("the agent that is asked is", () => {
  test.each([
    ["the one that is named", ["A", "B"], "B", "A", "B"],
    ["the only one there is", ["A"], undefined, undefined, "A"],
    ["the only one, whatever the default", ["A"], undefined, "B", "A"],
    ["the default of several", ["A", "B"], undefined, "B", "B"],
  ])("%s", (_, agents, named, byDefault, chosen) => {
    expect(chooseAgent(agents, named, byDefault)).toBe(chosen);
  });

  test.each([
    ["an unknown one", ["A", "B"], "C", "A", 'Unknown agent "C". Agents: A, B.'],
    ["one of several, with nothing said", ["A", "B"], undefined, undefined, "Add --agent with one of: A, B."],
    ["one of several, with a default that no longer exists", ["A", "B"], undefined, "C", "Which agent?"],
    ["none", [], undefined, "A", "Add one with: npx fanout new agent MyAgent"],
  ])("not %s", (_, agents, named, byDefault, problem) => {
    expect(() => chooseAgent(agents, named, byDefault)).toThrow(problem);
  });
});

test("if a contract cannot be read, the agents are those registered with Restate", async () => {
  const broken = () => Promise.reject(new Error("tool.ts: Expected ','"));
  const services = [
    { name: "get_time", deployment_id: "dp_1", public: false },
    { name: "TimeAgentConversation", deployment_id: "dp_2", public: true },
    { name: "TimeAgent", deployment_id: "dp_2", public: true },
  ];
  const restate = await serveOnLoopback(new Hono().get("/services", (c) => c.json({ services })));
  expect(await agentNames(broken, { url: restate.url })).toEqual(["TimeAgent"]);
  await restate.stop();
  await expect(agentNames(broken, undefined)).rejects.toThrow("tool.ts");
});
