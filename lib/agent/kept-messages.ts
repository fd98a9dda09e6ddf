import { TerminalError } from "@restatedev/restate-sdk/lambda";
import type { CallResult } from "../call/index.ts";
import type { Agent } from "./definition.ts";
import { plainMessage } from "./models/journaled-reply.ts";
import type { Message, ModelReply, ResultForModel } from "./models/seam.ts";
import { forModel } from "./results.ts";
import { marked } from "./untrusted.ts";

// What of a turn stands in the conversation, for the turns and the runs that follow.

/** A reply, and what came of its calls. */
export const turnWith = (
  agent: Pick<Agent, "untrusted">,
  reply: ModelReply,
  results: readonly CallResult[],
): Message[] => [
  { role: "assistant", reply },
  { role: "tool", results: results.map((result) => marked(agent, forModel(result))) },
];

/** The last reply of a run: as it is, or its words where it still asks for calls that nobody makes; nothing where it has none. */
export function lastMessage(reply: ModelReply): Message[] {
  if (reply.calls.length === 0 && reply.message) return [{ role: "assistant", reply }];
  const { text } = reply;
  if (text === "") return [];
  return [{ role: "assistant", reply: { ...reply, calls: [], message: plainMessage({ text, calls: [] }) } }];
}

/** What a model reads of a call that was cut off. */
const CUT =
  "The run was cancelled before there was a result. The call was cancelled, and may have taken effect.";

/**
 * F1: keeps a turn whose calls were cut off, with a result for each of them.
 * @returns what throws the reason on (F13).
 */
export const cutOff =
  (messages: Message[], reply: ModelReply) =>
  (error: unknown): never => {
    if (error instanceof TerminalError) {
      const results = reply.calls.map(
        ({ id, tool }): ResultForModel => ({ id, tool, output: { type: "error", message: CUT } }),
      );
      messages.push({ role: "assistant", reply }, { role: "tool", results });
    }
    throw error;
  };
