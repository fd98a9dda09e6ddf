import { type Context, handlers, service } from "@restatedev/restate-sdk/lambda";
import { jsonSerde } from "../tool/schema.ts";
import { AGENT_TIMEOUT_SECONDS, type AgentDefinition, defineAgent } from "./definition.ts";
import { runAgent } from "./loop.ts";
import { type AgentInput, agentInput, agentOutput } from "./output.ts";
import { modelStep } from "./turn.ts";

/**
 * Makes an agent's definition into a Restate service with one handler, `run`: `{ message }` in, {@link AgentOutput} out.
 * With R fan-outs a run costs 2R+2 Lambda invocations of the agent, whatever the number of tools (service protocol v7).
 * @throws TypeError when the definition is wrong or the model's provider is unknown.
 */
export function createAgent(definition: AgentDefinition) {
  const agent = defineAgent(definition);
  const ask = modelStep(agent);
  const run = (ctx: Context, input: AgentInput) => runAgent(ctx, agent, ask, input);
  return service({
    name: agent.name,
    description: agent.description,
    handlers: {
      run: handlers.handler({ input: jsonSerde(agentInput), output: jsonSerde(agentOutput) }, run),
    },
    options: {
      // Must outlast the function, else Restate starts a second attempt beside the first.
      abortTimeout: { seconds: AGENT_TIMEOUT_SECONDS + 60 },
    },
  });
}
