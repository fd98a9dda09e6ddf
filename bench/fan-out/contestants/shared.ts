import { createOpenAI } from "@ai-sdk/openai";
import { generateText, type ModelMessage, tool } from "ai";
import * as z from "zod";
import { setting } from "../harness/setting.ts";

// What several contestants have in common: the model, the tool, and one turn of a loop of their own.

/** The scripted model, for the AI SDK. */
export const model = createOpenAI({ baseURL: setting("MODEL_URL"), apiKey: "scripted" }).chat("scripted");

/** What the model reads about the tool. */
export const description = "Does some work.";

/** What the tool takes. */
export const workInput = z.object({ i: z.number(), ms: z.number() });
type WorkInput = z.output<typeof workInput>;

/** The tool: one HTTP request. */
export async function work({ i, ms }: WorkInput): Promise<{ i: number }> {
  const response = await fetch(`${setting("TOOL_URL")}/work?i=${i}&ms=${ms}`);
  if (!response.ok) throw new Error(`the tool's server answered ${response.status}`);
  return (await response.json()) as { i: number };
}

/** A model's reply in plain JSON, fit for a journal. */
export interface Turn {
  text: string;
  calls: { toolCallId: string; toolName: string; input: WorkInput }[];
  messages: ModelMessage[];
}

/** Asks the model once, and runs no tool. */
export async function think(messages: ModelMessage[]): Promise<Turn> {
  const tools = { work: tool({ description, inputSchema: workInput }) };
  const reply = await generateText({ model, messages, tools, maxRetries: 0 });
  const calls = reply.toolCalls.map(({ toolCallId, toolName, input }) => ({
    toolCallId,
    toolName,
    input: input as WorkInput,
  }));
  return { text: reply.text, calls, messages: reply.responseMessages };
}

/** The message that gives the model the results of its calls, in their order. */
export function resultsMessage(calls: Turn["calls"], outputs: { i: number }[]): ModelMessage {
  return {
    role: "tool",
    content: calls.map(({ toolCallId, toolName }, i) => ({
      type: "tool-result",
      toolCallId,
      toolName,
      output: { type: "json", value: outputs[i] ?? null },
    })),
  };
}

/** The outputs of calls that have all settled; one that failed has its error for an output. */
export function outputsOf<T>(settled: PromiseSettledResult<T>[]): T[] {
  return settled.map((one) =>
    one.status === "fulfilled" ? one.value : ({ error: (one.reason as Error).message } as T),
  );
}
