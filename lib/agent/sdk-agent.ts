import { type Context, handlers, type ServiceDefinition, service } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { ignoreCallHeader, LISTENING } from "../call/index.ts";
import { jsonSerde, readSetting } from "../runtime/index.ts";
import { brief } from "./briefing.ts";
import { AGENT_ABORT_SECONDS, type Agent, type AgentDefinition, defineAgent } from "./definition.ts";
import { handlersOf, type Work } from "./handlers.ts";
import { agentInput, type MessageInput } from "./input.ts";
import { parseModelName } from "./models/providers.ts";
import { type AgentOutput, agentOutput } from "./output.ts";
import { SdkLoop } from "./sdk-loop.ts";
import { subAgentInput } from "./sub-agent.ts";

const OPTIONS = { abortTimeout: { seconds: AGENT_ABORT_SECONDS }, ...LISTENING };

/** What a run of ours may be given, and another SDK's loop cannot be: said in words, since clients send it without being asked. */
const none = (what: string) =>
  z
    .array(z.any())
    .max(0, `expected none: this agent has a loop of another SDK, which takes no ${what}`)
    .optional();

/** The deployment's model is the same for every attempt of a run, because runs stay on the version they started on. */
function prepare(definition: AgentDefinition | Agent) {
  const agent = defineAgent(definition);
  const model = readSetting("MODEL", agent.model);
  parseModelName(model);
  const briefing = brief(agent);
  return { agent, model, briefing };
}

/**
 * Makes an agent whose loop is another SDK's into a Restate service. It is asked as one of ours is, by a person (`run`: a message and
 * options in, an `AgentOutput` out) or by an agent whose tool it is (`call`); it has no conversations and takes no history.
 * @param loop answers `run.message`: every request of the model through `run.ask`, every call of a tool through `run.result`.
 * @throws TypeError when the definition is wrong or a model's provider is unknown.
 */
export function createSdkAgent(
  definition: AgentDefinition<undefined>,
  loop: (run: SdkLoop) => Promise<string>,
): ServiceDefinition<string, { run(ctx: Context, input: MessageInput): Promise<AgentOutput> }> {
  const { agent, model, briefing } = prepare(definition);
  const work: Work = (ctx, from, told) => new SdkLoop(ctx, agent, briefing, from, told).run(loop);
  const { run, call } = handlersOf(agent, model, work);
  const input = agentInput(agent, model).extend({ messages: none("history"), attachments: none("files") });
  return service({
    name: agent.name,
    description: agent.description,
    handlers: {
      run: handlers.handler(
        { input: jsonSerde(input), output: jsonSerde(agentOutput(z.string())), hooks: [ignoreCallHeader] },
        run,
      ),
      call: handlers.handler({ input: jsonSerde(subAgentInput), ingressPrivate: true }, call),
    },
    options: OPTIONS,
  });
}

/**
 * The same with an input and an output of one's own: `run` takes what `input` says, and returns what the loop returns.
 * @param loop gets the input; `run.message` is the input as JSON.
 * @throws TypeError as `createSdkAgent` does.
 */
export function createSdkService<In extends z.ZodObject, Out extends z.ZodType>(
  definition: AgentDefinition<undefined>,
  { input, output }: { input: In; output: Out },
  loop: (input: z.output<In>, run: SdkLoop) => Promise<z.output<Out>>,
): ServiceDefinition<string, { run(ctx: Context, input: z.output<In>): Promise<z.output<Out>> }> {
  const { agent, model, briefing } = prepare(definition);
  const run = async (ctx: Context, given: z.output<In>): Promise<z.output<Out>> => {
    const work: Work = (_, from, told) =>
      new SdkLoop(ctx, agent, briefing, from, told).run((sdkLoop) => loop(given, sdkLoop));
    const { answer } = await handlersOf(agent, model, work).run(ctx, { message: JSON.stringify(given) });
    return answer as z.output<Out>;
  };
  return service({
    name: agent.name,
    description: agent.description,
    handlers: {
      run: handlers.handler(
        { input: jsonSerde(input), output: jsonSerde(output), hooks: [ignoreCallHeader] },
        run,
      ),
    },
    options: OPTIONS,
  });
}
