import { expect, test } from "vitest";
import { defineAgent } from "../definition.ts";
import { agentOf, conversationOf, isConversation } from "./name.ts";

test("conversations are called after their agent, which can be told from their name", () => {
  expect(conversationOf("TimeAgent")).toBe("TimeAgentConversation");
  expect(isConversation("TimeAgentConversation")).toBe(true);
  expect(agentOf("TimeAgentConversation")).toBe("TimeAgent");
  expect(agentOf("TimeAgent")).toBe("TimeAgent");
});

test("no agent is called as conversations are, and a bound of theirs is one that can be kept", () => {
  const agent = { description: "D.", model: "openai/gpt-5.4", instructions: "I.", tools: [] };
  expect(() => defineAgent({ ...agent, name: "TimeAgentConversation" })).toThrow(
    'Agent "TimeAgentConversation": name: expected a name that does not end in Conversation',
  );
  expect(() => defineAgent({ ...agent, name: "TimeAgent", conversation: { maxTokens: 10 } })).toThrow(
    "conversation.maxTokens: ",
  );
  expect(defineAgent({ ...agent, name: "TimeAgent" }).conversation).toEqual({ maxTokens: 32_000 });
});
