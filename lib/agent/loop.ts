import type { Context } from "@restatedev/restate-sdk/lambda";
import type { RunLog } from "../events/index.ts";
import { AnswerMisfit, type AnswerShape, askToRepair } from "./answer.ts";
import type { Briefing } from "./briefing.ts";
import { Budget } from "./budget.ts";
import { continueRun } from "./continuation.ts";
import type { Agent } from "./definition.ts";
import { fanOut } from "./fan-out.ts";
import { cutOff, lastMessage, turnWith } from "./kept-messages.ts";
import type { Message, ModelReply } from "./models/seam.ts";
import { type AgentOutput, type FinishReason, toOutput } from "./output.ts";
import { logTurn } from "./run-log.ts";
import type { RunState } from "./run-state.ts";
import { askModel } from "./turn.ts";
import { hasReadUntrusted } from "./untrusted.ts";
import { tellTurn } from "./watched.ts";

/**
 * One run: ask the model, fan its calls out, feed every result back, repeat until it answers.
 * Everything here is a function of the journal (F12): the model's replies and the tools' results are its only inputs,
 * and the only awaits are the model's durable step, the fan-out, and the child run in which a long one goes on.
 * @param from the run that begins, or where it stands; its messages are added to.
 * @param told what is told of it.
 */
export async function runAgent(
  ctx: Context,
  agent: Agent,
  { instructions, tools, shape }: Briefing,
  from: RunState,
  told: RunLog,
): Promise<AgentOutput<unknown>> {
  const { settings, depth, messages, past } = from;
  const { model, maxParallelCalls, parallelToolCalls } = settings;
  let { repaired } = from;
  const budget = new Budget(settings.limits, model, from.account, ctx.request().body.length);

  for (;;) {
    const turn = budget.usagePerTurn.length + 1;
    // F11: at a limit, one last turn without tools, so that the model answers with what it has.
    const limit = budget.limitReached;
    if (!limit && budget.journal.isCostly) {
      told.flush();
      return await continueRun(ctx, agent.name, { ...from, repaired, account: budget.account });
    }
    const toolChoice = limit ? "none" : "auto";
    const request = { instructions, messages, tools, toolChoice, parallelToolCalls } as const;
    const dueAt = (startedAt: number) => budget.replyDueAt(startedAt);
    const reply = await askModel(ctx, { turn, past, agent, settings, request, dueAt, watch: told.watch });
    const own = messages.slice(past);
    if ("outOfTime" in reply) return toOutput(shape.lastOf(own), "deadline", budget);
    const usage = budget.addReply(reply);
    const calls = reply.calls.map(({ tool }) => tool);
    logTurn(ctx, tools, { turn, model, calls, durationMs: reply.endedAt - reply.startedAt, ...usage });
    tellTurn(told, agent.name, { turn, model, reply, usage, limit, messages: own });
    if (limit || reply.calls.length === 0) {
      const read = readAnswer(shape, reply, messages, repaired);
      if (read) return toOutput(read.answer, limit ?? endOf(reply), budget);
      repaired = true;
      continue;
    }

    const { results, endedAt } = await fanOut(ctx, agent.tools, reply.calls, {
      maxCalls: budget.callsLeft,
      writesNeedApproval: hasReadUntrusted(agent, messages),
      maxParallelCalls,
      deadlineAt: budget.deadlineAt,
      now: reply.endedAt,
      maxResultBytes: budget.bytesPerResult(reply.calls.length),
      depth,
      limitsLeft: budget.limitsLeft,
      told,
    }).catch(cutOff(messages, reply));
    budget.addResults(results, endedAt);
    budget.journal.addEvents(told.takeBytes());
    messages.push(...turnWith(agent, reply, results));
  }
}

/** The answer, or undefined where the model is asked to repair it. @throws AnswerMisfit when it was asked before. */
function readAnswer(
  shape: AnswerShape,
  reply: ModelReply,
  messages: Message[],
  repaired: boolean,
): { answer: unknown } | undefined {
  const read = shape.read(reply);
  if (read.problem === undefined) {
    messages.push(...lastMessage(reply));
    return read;
  }
  // A reply that still asks for tools, or is empty, cannot stand in the conversation.
  if (repaired || reply.calls.length > 0 || !reply.message) throw new AnswerMisfit(read.problem);
  messages.push({ role: "assistant", reply }, askToRepair(read.problem));
  return undefined;
}

/** A reply without calls ends the run, whatever the provider calls that. */
function endOf({ finishReason }: ModelReply): FinishReason {
  return finishReason === "tool-calls" ? "other" : finishReason;
}
