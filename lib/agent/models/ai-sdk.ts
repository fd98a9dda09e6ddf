import {
  APICallError,
  generateText,
  type JSONValue,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  type ModelMessage,
  type ToolSet,
  tool,
} from "ai";
import { parseRetryAfter } from "../../tool/retry-after.ts";
import {
  type Message,
  type Model,
  ModelError,
  type ModelReply,
  type ModelRequest,
  type OfferedTool,
} from "./seam.ts";

type ProviderOptions = NonNullable<Parameters<typeof generateText>[0]["providerOptions"]>;

/** Makes an AI SDK language model into ours: one provider request per call, tools offered but never executed. */
export function aiSdkModel(
  languageModel: LanguageModel,
  name: string,
  providerOptions: (request: ModelRequest) => ProviderOptions,
): Model {
  return async (request) => {
    try {
      const result = await generateText({
        model: languageModel,
        instructions: request.instructions,
        messages: request.messages.map(toModelMessage),
        tools: toToolSet(request.tools),
        toolChoice: request.toolChoice,
        // Restate's retries are the only ones: the SDK's would wait inside a billed function.
        maxRetries: 0,
        abortSignal: request.signal,
        providerOptions: providerOptions(request),
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
        message: result.responseMessages.find((message) => message.role === "assistant") ?? null,
      };
    } catch (error) {
      throw toModelError(error, name, request.signal);
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

function toUsage(usage: LanguageModelUsage): ModelReply["usage"] {
  return { inputTokens: usage.inputTokens ?? 0, outputTokens: usage.outputTokens ?? 0 };
}

function toFinishReason(reason: string): ModelReply["finishReason"] {
  return reason === "stop" || reason === "tool-calls" || reason === "length" || reason === "content-filter"
    ? reason
    : "other";
}

function toModelError(error: unknown, name: string, signal: AbortSignal): ModelError {
  if (signal.aborted)
    return new ModelError(`The model ${name} did not answer in time`, { retryable: true, cause: error });
  if (APICallError.isInstance(error)) {
    return new ModelError(`The model ${name} ${describe(error)}`, {
      retryable: error.isRetryable,
      retryAfterSeconds: parseRetryAfter(error.responseHeaders?.["retry-after"]),
      cause: error,
    });
  }
  return new ModelError(
    `The model ${name} failed: ${error instanceof Error ? error.message : String(error)}`,
    {
      retryable: false,
      cause: error,
    },
  );
}

function describe({ statusCode, message }: APICallError): string {
  if (statusCode === undefined) return `cannot be reached: ${message}`;
  // Providers repeat parts of a rejected key in their message.
  if (statusCode === 401 || statusCode === 403) return `rejected the API key (${statusCode})`;
  return `answered ${statusCode}: ${message}`;
}
