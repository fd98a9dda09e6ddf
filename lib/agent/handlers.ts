import type { Context } from "@restatedev/restate-sdk/lambda";
import { logCall, refuseIfSwitchedOff } from "../call/index.ts";
import { RunLog, tellingEnd } from "../events/index.ts";
import { jsonBytes } from "../runtime/index.ts";
import { fromPlain } from "./conversation/plain.ts";
import type { Agent } from "./definition.ts";
import { type AgentInput, runSettings, watchOf } from "./input.ts";
import { tighter } from "./limits.ts";
import type { AgentOutput } from "./output.ts";
import { logRun } from "./run-log.ts";
import { newRun, type RunState } from "./run-state.ts";
import { type SubAgentInput, toReport } from "./sub-agent.ts";
import { summarise, tellRun } from "./telemetry.ts";
import { tellingOutcome } from "./watched.ts";

/** A run, from where it stands to its output. */
export type Work = (ctx: Context, from: RunState, told: RunLog) => Promise<AgentOutput<unknown>>;

/** What an agent does for a person, and for another agent. */
export function handlersOf(agent: Agent, model: string, work: Work) {
  const telling = (ctx: Context, from: RunState) => {
    const told = new RunLog(ctx, from.watch);
    return tellingOutcome(told, () => work(ctx, from, told));
  };
  const run = async (ctx: Context, request: AgentInput) => {
    refuseIfSwitchedOff(agent.name);
    const settings = runSettings(agent, model, request);
    const begun = newRun(request.message, settings, {
      watch: watchOf(agent, request),
      past: fromPlain(request.messages ?? []),
      attachments: request.attachments,
      journalBytes: jsonBytes([request.messages, request.attachments]),
    });
    return logRun(ctx, () => telling(ctx, begun), summarise);
  };
  /** The same for another agent: within its limits, and with a result as tools give it. */
  const call = async (ctx: Context, { message, limits, depth, watch }: SubAgentInput) => {
    const own = runSettings(agent, model, { message });
    const settings = { ...own, limits: tighter(own.limits, limits) };
    const child = () => telling(ctx, newRun(message, settings, { depth, watch }));
    return logCall(ctx, () =>
      tellingEnd(ctx, agent.name, async () => {
        refuseIfSwitchedOff(agent.name);
        return toReport(await tellRun(ctx, child, summarise));
      }),
    );
  };
  return { run, call };
}
