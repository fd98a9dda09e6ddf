import { type Context, handlers } from "@restatedev/restate-sdk/lambda";
import { cancelAll, continuationHeader, orCancelled } from "../call/index.ts";
import { RunLog } from "../events/index.ts";
import { compactJson } from "./compact-json.ts";
import type { AgentOutput } from "./output.ts";
import type { RunState } from "./run-state.ts";

/**
 * The handler in which a long run goes on. All of a journal is sent to the agent at each resume, so what a run sends grows
 * with the square of its turns. Where it pays (`JournalSize`), the rest of the run is a child run of the same agent:
 * its journal begins with the run's state, compressed.
 *
 * The run is still one: its output is the child's, a failure too, a cancellation reaches the child as any call, and what it logs
 * has the same `run`. The call has no timeout of its own (the run's deadline is in the state), and no scope: the run that
 * waits for it has a place there already.
 */
export const CONTINUATION = "continue";

const state = compactJson<RunState>();
const output = compactJson<AgentOutput<unknown>>();

/** The rest of a run, from where it stands. */
export async function continueRun(
  ctx: Context,
  agent: string,
  from: RunState,
): Promise<AgentOutput<unknown>> {
  const rest = ctx.genericCall<RunState, AgentOutput<unknown>>({
    service: agent,
    method: CONTINUATION,
    parameter: from,
    inputSerde: state,
    outputSerde: output,
    headers: continuationHeader(ctx.request()),
  });
  const cancel = async () => ctx.invocation(await rest.invocationId).cancel();
  return await orCancelled(ctx, rest).catch((error) => cancelAll([{ cancel }], error));
}

/** Private: what it is told nobody but the agent itself may say. */
export const continuation = (
  run: (ctx: Context, from: RunState, told: RunLog) => Promise<AgentOutput<unknown>>,
) =>
  handlers.handler({ input: state, output, ingressPrivate: true }, async (ctx: Context, from: RunState) => {
    const told = new RunLog(ctx, from.watch);
    const result = await run(ctx, from, told);
    // How it ended is told by the run that waits for it.
    told.flush();
    return result;
  });
