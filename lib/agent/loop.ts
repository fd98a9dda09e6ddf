import type { Context } from "@restatedev/restate-sdk/lambda";
import type { Agent } from "./definition.ts";
import { fanOut } from "./fan-out.ts";
import type { Message } from "./models/seam.ts";
import { type AgentInput, type AgentOutput, type FinishReason, toOutput } from "./output.ts";
import { type CallResult, forModel } from "./results.ts";
import { type AskModel, offer } from "./turn.ts";

/**
 * One run: ask the model, fan its calls out, feed every result back, repeat until it answers.
 * Everything here is a function of the journal (F12): the model's replies and the tools' results are its only inputs,
 * and the only awaits are the model's durable step and the fan-out.
 */
export async function runAgent(
  ctx: Context,
  agent: Agent,
  ask: AskModel,
  input: AgentInput,
): Promise<AgentOutput> {
  const { instructions, limits } = agent;
  const tools = offer(agent.tools);
  const messages: Message[] = [{ role: "user", text: input.message }];
  const results: CallResult[] = [];
  const usage = { inputTokens: 0, outputTokens: 0 };

  for (let turn = 1; ; turn++) {
    // F11: the last turn is made without tools, so that the model answers with what it has.
    const last = turn === limits.maxTurns;
    const toolChoice = last ? "none" : "auto";
    const reply = await ask(ctx, turn, {
      instructions,
      messages,
      tools,
      toolChoice,
      parallelToolCalls: true,
    });
    usage.inputTokens += reply.usage.inputTokens;
    usage.outputTokens += reply.usage.outputTokens;

    if (last) return toOutput(reply, "max-turns", { turns: turn, results, usage });
    if (reply.calls.length === 0)
      return toOutput(reply, endOf(reply.finishReason), { turns: turn, results, usage });

    const turnResults = await fanOut(ctx, agent.tools, reply.calls);
    results.push(...turnResults);
    messages.push({ role: "assistant", reply }, { role: "tool", results: turnResults.map(forModel) });
  }
}

/** A reply without calls ends the run, whatever the provider calls that. */
function endOf(reason: string): FinishReason {
  return reason === "stop" || reason === "length" || reason === "content-filter" ? reason : "other";
}
