import {
  handlers,
  type InvocationId,
  type ObjectContext,
  type ObjectSharedContext,
  object,
  serde,
} from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { ignoreCallHeader, LISTENING } from "../../call/index.ts";
import { jsonSerde } from "../../runtime/index.ts";
import { AGENT_ABORT_SECONDS, type Agent } from "../definition.ts";
import { agentInput } from "../input.ts";
import { agentOutput } from "../output.ts";
import { archiving, forgetArchives } from "./archive.ts";
import { adopt, copySerde, fork, forkRequest } from "./fork.ts";
import { historyOf, historyRequest } from "./history.ts";
import { refuseBadId } from "./id.ts";
import { conversationOf } from "./name.ts";
import { type Run, sending } from "./send.ts";
import { load, nowOf } from "./state.ts";

const { exclusive, shared } = handlers.object;
const hidden = { ingressPrivate: true, input: serde.binary } as const;
const open = { hooks: [ignoreCallHeader] };

/**
 * The conversations with an agent: a virtual object on the agent's own function, one per key. `send` is a run of the agent that knows
 * what was said before; a second message waits for the first, as a virtual object has it. Its invocation is the run, for events,
 * approvals, the log and traces.
 * @param run runs the agent from where a run stands.
 */
export function conversation(agent: Agent, model: string, run: Run) {
  return object({
    name: conversationOf(agent.name),
    description: `Conversations with ${agent.name}`,
    handlers: {
      send: exclusive(
        {
          ...open,
          input: jsonSerde(agentInput(agent, model)),
          output: jsonSerde(agentOutput(agent.answer ?? z.string())),
        },
        sending(agent, model, run),
      ),
      interrupt: shared(open, interrupt),
      history: shared({ ...open, input: jsonSerde(historyRequest) }, historyOf),
      reset: exclusive(open, reset),
      fork: shared({ ...open, input: jsonSerde(forkRequest) }, fork),
      adopt: exclusive({ ingressPrivate: true, input: copySerde }, adopt),
      keepArchive: exclusive(hidden, archiving.keepArchive),
      copyArchive: exclusive(hidden, archiving.copyArchive),
      readArchive: exclusive({ ...hidden, output: serde.binary }, archiving.readArchive),
      forgetArchive: exclusive(hidden, archiving.forgetArchive),
    },
    options: { abortTimeout: { seconds: AGENT_ABORT_SECONDS }, ...LISTENING },
  });
}

/** Cancels the run in progress. @returns its id; null where there is none. */
async function interrupt(ctx: ObjectSharedContext): Promise<string | null> {
  refuseBadId(ctx.key);
  const now = await nowOf(ctx);
  if (now) ctx.invocation(now.run as InvocationId).cancel();
  return now?.run ?? null;
}

/** Forgets everything that was said, when the run in progress and the messages that wait are answered. */
async function reset(ctx: ObjectContext): Promise<null> {
  refuseBadId(ctx.key);
  const { archives } = await load(ctx);
  forgetArchives(ctx, archives);
  ctx.clearAll();
  return null;
}
