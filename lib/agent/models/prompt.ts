import { type Attachment, mediaTypeOf } from "../attachments.ts";
import type { ProviderOptions, SdkModel } from "./provider.ts";
import type { Message, OfferedTool, ResultForModel } from "./seam.ts";

type Request = Parameters<SdkModel["doGenerate"]>[0];
type PromptMessage = Request["prompt"][number];
type FilePart = Extract<Extract<PromptMessage, { role: "user" }>["content"][number], { type: "file" }>;
type ResultPart = Extract<
  Extract<PromptMessage, { role: "tool" }>["content"][number],
  { type: "tool-result" }
>;

/** A conversation as the AI SDK's language models take it. */
export function toPrompt(instructions: string, messages: readonly Message[]): Request["prompt"] {
  return [{ role: "system", content: instructions }, ...messages.map(toPromptMessage)];
}

/**
 * The same prompt with marks up to which the provider shall cache: the instructions, with the tools that stand before them, and
 * the conversation up to here, for the next turn. Where the turn before ended is marked too: a provider looks for what it
 * has cached only a few parts back from a mark, and a turn of many calls has more.
 * @param goesOn whether there may be a next turn. Default: only the instructions are marked.
 * @see https://platform.claude.com/docs/en/build-with-claude/prompt-caching
 */
export function withCacheMarks(
  prompt: Request["prompt"],
  mark: ProviderOptions,
  { goesOn }: { goesOn: boolean },
): Request["prompt"] {
  const asked = prompt.flatMap(({ role }, index) => (role === "user" || role === "tool" ? [index] : []));
  const marked = [0, ...(goesOn ? asked.slice(-2) : [])];
  return prompt.map((message, index) =>
    marked.includes(index) ? { ...message, providerOptions: mark } : message,
  );
}

function toPromptMessage(message: Message): PromptMessage {
  switch (message.role) {
    case "user":
      return {
        role: "user",
        content: [{ type: "text", text: message.text }, ...(message.attachments ?? []).map(toFilePart)],
      };
    case "assistant":
      return message.reply.message as PromptMessage;
    case "tool":
      return { role: "tool", content: message.results.map(toResultPart) };
  }
}

function toFilePart(attachment: Attachment): FilePart {
  const mediaType = mediaTypeOf(attachment) ?? "application/octet-stream";
  if ("url" in attachment)
    return { type: "file", mediaType, data: { type: "url", url: new URL(attachment.url) } };
  const { data, name } = attachment;
  return {
    type: "file",
    mediaType,
    data: { type: "data", data },
    ...(name !== undefined && { filename: name }),
  };
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
