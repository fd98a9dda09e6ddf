import { generateText, isStepCount, tool } from "ai";
import type { Contestant } from "../harness/contestant.ts";
import { description, model, work, workInput } from "./shared.ts";

const tools = { work: tool({ description, inputSchema: workInput, execute: work }) };

/** The AI SDK's own loop: tools run in parallel, in this process. Nothing is stored. */
export async function start(): Promise<Contestant> {
  return {
    async run(prompt) {
      const { text } = await generateText({
        model,
        prompt,
        tools,
        stopWhen: isStepCount(100),
        maxRetries: 0,
      });
      return text;
    },
    async stop() {},
  };
}
