import { CancelledError, type Context, handlers, TerminalError } from "@restatedev/restate-sdk/lambda";
import { cancelAll, continuationHeader, orCancelled } from "../call/index.ts";
import { RunLog } from "../events/index.ts";
import { cleanMessage } from "../runtime/index.ts";
import { compactJson } from "./compact-json.ts";
import type { Message } from "./models/seam.ts";
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

/** What a child run of a conversation comes to, failed or not: its messages are kept. */
interface Kept {
  added: Message[];
  output?: AgentOutput<unknown>;
  failure?: { message: string; code: number };
}

const state = compactJson<RunState>();
const outcome = compactJson<AgentOutput<unknown> | Kept>();

/** The rest of a run, from where it stands. */
export async function continueRun(
  ctx: Context,
  agent: string,
  from: RunState,
): Promise<AgentOutput<unknown>> {
  const rest = ctx.genericCall<RunState, AgentOutput<unknown> | Kept>({
    service: agent,
    method: CONTINUATION,
    parameter: from,
    inputSerde: state,
    outputSerde: outcome,
    headers: continuationHeader(ctx.request()),
  });
  const cancel = async () => ctx.invocation(await rest.invocationId).cancel();
  try {
    return take(await orCancelled(ctx, rest), from.messages);
  } catch (error) {
    if (!from.keeps || !(error instanceof CancelledError)) return cancelAll([{ cancel }], error);
    // F13: it ends as soon as it can, and says what it has done.
    await cancel();
    const ended = await rest.catch(() => ({ added: [] }));
    if ("added" in ended) from.messages.push(...ended.added);
    throw error;
  }
}

function take(ended: AgentOutput<unknown> | Kept, messages: Message[]): AgentOutput<unknown> {
  if (!("added" in ended)) return ended;
  messages.push(...ended.added);
  if (ended.output) return ended.output;
  const { message = "", code = 500 } = ended.failure ?? {};
  throw new TerminalError(message, { errorCode: code });
}

type GoOn = (ctx: Context, from: RunState, told: RunLog) => Promise<AgentOutput<unknown>>;

/** Private: what it is told nobody but the agent itself may say. */
export const continuation = (run: GoOn) =>
  handlers.handler(
    { input: state, output: outcome, ingressPrivate: true },
    async (ctx: Context, from: RunState) => {
      const told = new RunLog(ctx, from.watch);
      const work = async () => {
        const output = await run(ctx, from, told);
        // How it ended is told by the run that waits for it.
        told.flush();
        return output;
      };
      return from.keeps ? await keeping(from.messages, work) : await work();
    },
  );

async function keeping(messages: Message[], work: () => Promise<AgentOutput<unknown>>): Promise<Kept> {
  const before = messages.length;
  try {
    const output = await work();
    return { output, added: messages.slice(before) };
  } catch (error) {
    // Also where it was cancelled: by the run that waits for it, which throws that on (F13), or by a person.
    if (!(error instanceof TerminalError)) throw error;
    const failure = { message: cleanMessage(error), code: error.code };
    return { failure, added: messages.slice(before) };
  }
}
