import { type Context, handlers, type ServiceDefinition, service } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { ignoreCallHeader, LISTENING, logCall, refuseIfSwitchedOff } from "../call/index.ts";
import { RunLog, tellingEnd } from "../events/index.ts";
import { jsonBytes, jsonSerde, readSetting } from "../runtime/index.ts";
import { servedWith } from "../tool/index.ts";
import { brief } from "./briefing.ts";
import { CONTINUATION, continuation } from "./continuation.ts";
import { conversation } from "./conversation/conversation.ts";
import { fromPlain } from "./conversation/plain.ts";
import {
  AGENT_ABORT_SECONDS,
  type Agent,
  type AgentDefinition,
  type AnswerOf,
  defineAgent,
} from "./definition.ts";
import { modelsOf } from "./fallback.ts";
import { type AgentInput, runInput, runSettings, watchOf } from "./input.ts";
import { tighter } from "./limits.ts";
import { runAgent } from "./loop.ts";
import { parseModelName } from "./models/providers.ts";
import { type AgentOutput, agentOutput } from "./output.ts";
import { logRun } from "./run-log.ts";
import { newRun, type RunState } from "./run-state.ts";
import { type SubAgentInput, subAgentInput, toReport } from "./sub-agent.ts";
import { summarise, tellRun } from "./telemetry.ts";
import { tellingOutcome } from "./watched.ts";

/**
 * What a client of `@restatedev/restate-sdk-clients` may call:
 * `ingress.serviceClient<typeof service>({ name }).run({ message })` has the answer in its type.
 */
interface AgentHandlers<Answer extends z.ZodType | undefined> {
  run(ctx: Context, input: AgentInput): Promise<AgentOutput<AnswerOf<Answer>>>;
}

/**
 * Makes an agent's definition into a Restate service with one public handler, `run`: `{ message }` and options in, an
 * `AgentOutput` out. Other agents use `call`, and a long run goes on in `continue`; neither can be reached from outside. With R
 * fan-outs a run costs R+1 Lambda invocations of the agent, whatever the number of tools (service protocol v7).
 * @returns the service under the SDK's own type: through an alias of it clients would see no handlers.
 * @throws TypeError when the definition is wrong or a model's provider is unknown.
 */
export function createAgent<Answer extends z.ZodType | undefined = undefined>(
  definition: AgentDefinition<Answer>,
): ServiceDefinition<string, AgentHandlers<Answer>> {
  const agent = defineAgent(definition);
  // Settings of the deployment: the same for every attempt of a run, because runs stay on the version they started on.
  const model = readSetting("MODEL", agent.model);
  for (const name of modelsOf(agent, model)) parseModelName(name);

  const { run, call, goOn } = handlersOf(agent, model);
  const input = runInput(agent, model);
  const agentService = service({
    name: agent.name,
    description: agent.description,
    handlers: {
      run: handlers.handler(
        {
          input: jsonSerde(input),
          output: jsonSerde(agentOutput(agent.answer ?? z.string())),
          hooks: [ignoreCallHeader],
        },
        run,
      ),
      // What it is told of limits and depth only another agent may say.
      call: handlers.handler({ input: jsonSerde(subAgentInput), ingressPrivate: true }, call),
      [CONTINUATION]: continuation(goOn),
    },
    options: { abortTimeout: { seconds: AGENT_ABORT_SECONDS }, ...LISTENING },
  });
  return servedWith(agentService, conversation(agent, model, goOn));
}

/** What an agent does for a person, for another agent, and in the child run in which a long one goes on. */
function handlersOf(agent: Agent, model: string) {
  const briefing = brief(agent);
  const goOn = (ctx: Context, from: RunState, told: RunLog) => runAgent(ctx, agent, briefing, from, told);
  const work = (ctx: Context, from: RunState) => {
    const told = new RunLog(ctx, from.watch);
    return tellingOutcome(told, () => goOn(ctx, from, told));
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
    return logRun(ctx, () => work(ctx, begun), summarise);
  };
  /** The same for another agent: within its limits, and with a result as tools give it. */
  const call = async (ctx: Context, { message, limits, depth, watch }: SubAgentInput) => {
    const own = runSettings(agent, model, { message });
    const settings = { ...own, limits: tighter(own.limits, limits) };
    const child = () => work(ctx, newRun(message, settings, { depth, watch }));
    return logCall(ctx, () =>
      tellingEnd(ctx, agent.name, async () => {
        refuseIfSwitchedOff(agent.name);
        return toReport(await tellRun(ctx, child, summarise));
      }),
    );
  };
  return { run, call, goOn };
}
