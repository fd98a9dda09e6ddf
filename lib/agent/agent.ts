import { type Context, handlers, type ServiceDefinition, service } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { ignoreCallHeader, LISTENING } from "../call/index.ts";
import { jsonSerde, readSetting } from "../runtime/index.ts";
import { servedWith } from "../tool/index.ts";
import { brief } from "./briefing.ts";
import { CONTINUATION, continuation } from "./continuation.ts";
import { conversation } from "./conversation/conversation.ts";
import { AGENT_ABORT_SECONDS, type AgentDefinition, type AnswerOf, defineAgent } from "./definition.ts";
import { modelsOf } from "./fallback.ts";
import { handlersOf, type Work } from "./handlers.ts";
import { type AgentInput, runInput } from "./input.ts";
import { runAgent } from "./loop.ts";
import { parseModelName } from "./models/providers.ts";
import { type AgentOutput, agentOutput } from "./output.ts";
import { subAgentInput } from "./sub-agent.ts";

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

  const briefing = brief(agent);
  const goOn: Work = (ctx, from, told) => runAgent(ctx, agent, briefing, from, told);
  const { run, call } = handlersOf(agent, model, goOn);
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
