import type { ModelScript } from "../../sandbox/index.ts";

/** The calls of each turn; after them the model answers. Each turn asks about one of the topics that are held back. */
export const TURNS = [
  ["tides", "moon", "harbour"].map((topic) => ({ tool: "look_up", input: { topic } })),
  [
    { tool: "look_up", input: { topic: "ferry" } },
    { tool: "send_note", input: { text: "The ferry leaves with the tide." } },
  ],
];

/** The topics whose first answer waits for a kill: of a tool's function in the first turn, of the server in the second. */
export const HELD_BACK = { tool: "harbour", server: "ferry" };

/**
 * A model that follows the script, even if it is asked the same again.
 * @param agentKilled the second turn's first reply waits for this: the agent is killed while it asks.
 */
export function scriptedModel(agentKilled: Promise<void>): ModelScript {
  return async ({ messages }) => {
    // The protocol has one message per call, so consecutive messages of the assistant are one reply.
    const turn = messages.filter(
      ({ role }, index) => role === "assistant" && messages[index - 1]?.role !== "assistant",
    ).length;
    if (turn === 1) await agentKilled;
    const calls = TURNS[turn];
    if (!calls) return { content: "The note about the ferry is sent." };
    return {
      toolCalls: calls.map(({ tool, input }, index) => ({
        id: `call_${turn + 1}_${index + 1}`,
        name: tool,
        arguments: JSON.stringify(input),
      })),
    };
  };
}
