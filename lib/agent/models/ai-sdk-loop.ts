import { generateText, stepCountIs, tool } from "ai";
import type { Tool } from "../../tool/index.ts";
import type { SdkLoop } from "../sdk-loop.ts";
import { callOptions } from "./ai-sdk.ts";
import { durableModel } from "./durable-model.ts";

/**
 * Runs an agent by the AI SDK's own loop instead of ours. It asks this one model, without fallbacks or prompt caching.
 * @returns what the model answers.
 */
export async function runAiSdkLoop(run: SdkLoop, prompt = run.message): Promise<string> {
  const { agent } = run;
  const { text } = await generateText({
    model: durableModel(run),
    ...callOptions(agent),
    instructions: run.instructions,
    prompt,
    tools: Object.fromEntries(agent.tools.map((contract) => [contract.name, toSdkTool(run, contract)])),
    // The run's limits are the ones that count.
    stopWhen: stepCountIs(agent.limits.maxTurns),
    // Restate's retries are the only ones.
    maxRetries: 0,
  });
  return text;
}

function toSdkTool(run: SdkLoop, { description, input }: Tool) {
  return tool({
    description,
    inputSchema: input,
    execute: async (_, { toolCallId }) => {
      const output = await run.result(toolCallId);
      if (output.type === "error") throw new Error(output.message);
      return output.value;
    },
  });
}
