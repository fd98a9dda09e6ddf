import { type ObjectContext, TerminalError } from "@restatedev/restate-sdk/lambda";
import { refuseIfSwitchedOff } from "../../call/index.ts";
import { RunLog } from "../../events/index.ts";
import type { Agent } from "../definition.ts";
import { type MessageInput, runSettings, watchOf } from "../input.ts";
import type { Message } from "../models/seam.ts";
import type { AgentOutput } from "../output.ts";
import { logRun } from "../run-log.ts";
import { newRun, type RunState } from "../run-state.ts";
import { summarise } from "../telemetry.ts";
import { tellingOutcome } from "../watched.ts";
import { fitting } from "./fitting.ts";
import { refuseBadId } from "./id.ts";
import { begin, type Kept, load, nowOf, save, withoutFiles } from "./state.ts";
import { shorten } from "./summary.ts";

/** Runs an agent from where a run stands. */
export type Run = (ctx: ObjectContext, from: RunState, told: RunLog) => Promise<AgentOutput<unknown>>;

/** HTTP status of a run whose request the model refuses for its attachments. */
const BAD_REQUEST = 400;

/** Answers a message: a run of the agent, which knows what was said before. */
export const sending = (agent: Agent, model: string, run: Run) => {
  return async (ctx: ObjectContext, request: MessageInput): Promise<AgentOutput<unknown>> => {
    refuseBadId(ctx.key);
    refuseIfSwitchedOff(agent.name);
    const settings = runSettings(agent, model, request);
    const kept = await load(ctx);
    // A run that was killed kept nothing else.
    const lost = await nowOf(ctx);
    if (lost) kept.messages.push(lost.message);
    const from = newRun(request.message, settings, {
      watch: watchOf(agent, request),
      keeps: true,
      past: kept.messages,
      attachments: request.attachments,
      run: ctx.request().id,
      // The state travels with each invocation, and stands in the journal, as the message does.
      journalBytes: 2 * kept.bytes + ctx.request().body.length,
    });
    begin(ctx, from.messages.at(-1) as Extract<Message, { role: "user" }>);
    // What a handler sets reaches the server with its response only: this ends the first one. No step, because what shows a run's
    // progress takes its steps for turns.
    await ctx.sleep(0);
    const told = new RunLog(ctx, from.watch);
    const work = () => keeping(ctx, agent, kept, from, () => run(ctx, from, told));
    return logRun(ctx, () => tellingOutcome(told, work), summarise);
  };
};

/** Keeps what is said in a run, however it ends. A run that is suspended does not get to its end here. */
async function keeping(
  ctx: ObjectContext,
  agent: Agent,
  before: Kept,
  from: RunState,
  run: () => Promise<AgentOutput<unknown>>,
): Promise<AgentOutput<unknown>> {
  let kept: Omit<Kept, "bytes"> = before;
  try {
    kept = await shorten(ctx, agent, before, from);
    const output = await run();
    save(ctx, fitting(ctx, agent, { ...kept, messages: keptOf(from) }));
    return output;
  } catch (error) {
    // F13: a cancellation too.
    if (!(error instanceof TerminalError)) throw error;
    const messages = error.code === BAD_REQUEST ? keptOf(from).map(inWords) : keptOf(from);
    save(ctx, fitting(ctx, agent, { ...kept, messages }));
    throw error;
  }
}

/** A file that no model takes would make every later message fail. */
const inWords = (message: Message): Message => (message.role === "user" ? withoutFiles(message) : message);

/** The messages of a run as they are kept: replies with the model that gave them, and answers that did not fit without their repair. */
function keptOf({ messages, settings }: RunState): Message[] {
  const isRepair = (message: Message | undefined) => message?.role === "user" && message.by === "repair";
  return messages.flatMap((message, index): Message[] => {
    if (isRepair(message) || isRepair(messages[index + 1])) return [];
    if (message.role !== "assistant") return [message];
    return [{ role: "assistant", reply: { model: settings.model, ...message.reply } }];
  });
}
