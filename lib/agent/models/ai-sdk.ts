import {
  generateText,
  type JSONValue,
  jsonSchema,
  type LanguageModelUsage,
  type ModelMessage,
  type ToolSet,
  tool,
} from "ai";
import { toModelError } from "./ai-sdk-error.ts";
import type { Connection } from "./provider.ts";
import { type Message, type Model, type ModelReply, type OfferedTool, replyEnd } from "./seam.ts";

// The SDK would repeat them with every turn of every run; none of them changes a reply.
globalThis.AI_SDK_LOG_WARNINGS = false;

/** Makes an AI SDK language model into ours: one provider request per call, tools offered but never executed. */
export function aiSdkModel(connection: Connection): Model {
  return async (request) => {
    try {
      const result = await generateText({
        model: connection.languageModel,
        instructions: request.instructions,
        messages: request.messages.map(toModelMessage),
        tools: toToolSet(request.tools),
        toolChoice: request.toolChoice,
        // Restate's retries are the only ones: the SDK's would wait inside a billed function.
        maxRetries: 0,
        abortSignal: request.signal,
        providerOptions: connection.providerOptions(request),
      });
      return {
        text: result.text,
        calls: result.toolCalls.map((call) => ({
          id: call.toolCallId,
          tool: call.toolName,
          input: call.input,
        })),
        usage: toUsage(result.usage),
        finishReason: toFinishReason(result.finishReason),
        message: result.responseMessages.find(({ role }) => role === "assistant") ?? null,
      };
    } catch (error) {
      throw toModelError(error, connection, request.signal);
    }
  };
}

function toToolSet(tools: readonly OfferedTool[]): ToolSet {
  return Object.fromEntries(
    tools.map(({ name, description, inputSchema }) => [
      name,
      tool({ description, inputSchema: jsonSchema(inputSchema) }),
    ]),
  );
}

function toModelMessage(message: Message): ModelMessage {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.text };
    case "assistant":
      return message.reply.message as ModelMessage;
    case "tool":
      return {
        role: "tool",
        content: message.results.map(({ id, tool: toolName, output }) => ({
          type: "tool-result",
          toolCallId: id,
          toolName,
          output:
            output.type === "json"
              ? { type: "json", value: output.value as JSONValue }
              : { type: "error-text", value: output.message },
        })),
      };
  }
}

/** The SDK's count of tokens as ours. */
export function toUsage({ inputTokens, outputTokens }: LanguageModelUsage): ModelReply["usage"] {
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 };
}

function toFinishReason(reason: string): ModelReply["finishReason"] {
  return replyEnd.catch("other").parse(reason);
}
