import type { SdkModel } from "./provider.ts";
import type { Message, OfferedTool, ResultForModel } from "./seam.ts";

type Request = Parameters<SdkModel["doGenerate"]>[0];
type PromptMessage = Request["prompt"][number];
type ResultPart = Extract<
  Extract<PromptMessage, { role: "tool" }>["content"][number],
  { type: "tool-result" }
>;

/** A conversation as the AI SDK's language models take it. */
export function toPrompt(instructions: string, messages: readonly Message[]): Request["prompt"] {
  return [{ role: "system", content: instructions }, ...messages.map(toPromptMessage)];
}

function toPromptMessage(message: Message): PromptMessage {
  switch (message.role) {
    case "user":
      return { role: "user", content: [{ type: "text", text: message.text }] };
    case "assistant":
      return message.reply.message as PromptMessage;
    case "tool":
      return { role: "tool", content: message.results.map(toResultPart) };
  }
}

function toResultPart({ id, tool, output }: ResultForModel): ResultPart {
  return {
    type: "tool-result",
    toolCallId: id,
    toolName: tool,
    output:
      output.type === "json"
        ? ({ type: "json", value: output.value } as ResultPart["output"])
        : { type: "error-text", value: output.message },
  };
}

export function toTools(tools: readonly OfferedTool[]): Request["tools"] {
  return tools.map((tool) => ({ type: "function", ...tool }));
}
