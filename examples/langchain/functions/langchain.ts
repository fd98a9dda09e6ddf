import type { BaseChatModelCallOptions, BindToolsInput } from "@langchain/core/language_models/chat_models";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import {
  type AIMessage,
  type BaseMessage,
  mapChatMessagesToStoredMessages,
  mapStoredMessagesToChatMessages,
  type StoredMessage,
  ToolMessage,
} from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import { type StructuredToolInterface, type ToolRunnableConfig, tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import {
  type Asked,
  boundedFetch,
  type ReadReply,
  readSecret,
  readSetting,
  type SdkLoop,
} from "fanout/service";
import { createAgent } from "langchain";

interface CallOptions extends BaseChatModelCallOptions {
  tools?: BindToolsInput[];
}

/** The run's model as a chat model of LangChain, each of whose requests is one durable step. */
export class DurableChatModel extends BaseChatModel<CallOptions> {
  readonly #run: SdkLoop;

  constructor(run: SdkLoop) {
    super({});
    this.#run = run;
  }

  _llmType(): string {
    return "fanout";
  }

  override bindTools(tools: BindToolsInput[], options: Partial<CallOptions> = {}) {
    return this.withConfig({ ...options, tools });
  }

  async _generate(messages: BaseMessage[], { tools = [] }: CallOptions): Promise<ChatResult> {
    const stored = await this.#run.ask({ send: (asked) => send(messages, tools, asked), read });
    const message = toMessage(stored);
    return { generations: [{ message, text: message.text }] };
  }
}

/** Settings and the key are read inside the step: reading them may fail like the request. */
async function send(
  messages: BaseMessage[],
  tools: BindToolsInput[],
  { modelId, offersTools, signal }: Asked,
): Promise<StoredMessage> {
  const model = new ChatOpenAI({
    model: modelId,
    apiKey: await readSecret("OPENAI_API_KEY"),
    configuration: {
      baseURL: readSetting("OPENAI_BASE_URL", "https://api.openai.com/v1"),
      fetch: boundedFetch,
    },
    // Restate's retries are the only ones.
    maxRetries: 0,
  });
  const reply = await (offersTools ? model.bindTools(tools) : model).invoke(messages, {
    signal,
    callbacks: [],
  });
  const [stored] = mapChatMessagesToStoredMessages([reply]);
  return stored as StoredMessage;
}

const toMessage = (stored: StoredMessage) => mapStoredMessagesToChatMessages([stored])[0] as AIMessage;

function read(stored: StoredMessage): ReadReply {
  const { text, tool_calls = [], invalid_tool_calls = [], usage_metadata } = toMessage(stored);
  const calls = tool_calls.map(({ id = "", name, args }) => ({ id, tool: name, input: args }));
  const unreadable = invalid_tool_calls.map(({ id = "", name = "", args }) => ({
    id,
    tool: name,
    input: args,
  }));
  return {
    text,
    calls: [...calls, ...unreadable],
    usage: {
      inputTokens: usage_metadata?.input_tokens ?? 0,
      outputTokens: usage_metadata?.output_tokens ?? 0,
    },
  };
}

/** The run's tools as tools of LangChain: what comes of a call is the run's to say. */
export function durableTools(run: SdkLoop): StructuredToolInterface[] {
  return run.tools.map(({ name, description, inputSchema }) =>
    tool(
      async (_input, { toolCall }: ToolRunnableConfig) => {
        const id = toolCall?.id ?? "";
        const output = await run.result(id);
        const isError = output.type === "error";
        return new ToolMessage({
          tool_call_id: id,
          name,
          status: isError ? "error" : "success",
          content: isError ? output.message : JSON.stringify(output.value),
        });
      },
      { name, description, schema: inputSchema },
    ),
  );
}

/** Runs an agent by the loop of LangChain's own agent: its model requests are durable steps, its calls the run's fan-out. */
export async function runLangChainAgent(run: SdkLoop): Promise<string> {
  const agent = createAgent({
    model: new DurableChatModel(run),
    tools: durableTools(run),
    systemPrompt: run.instructions,
  });
  const { messages } = await agent.invoke(
    { messages: [{ role: "user", content: run.message }] },
    { recursionLimit: stepsOf(run) },
  );
  return messages.at(-1)?.text ?? "";
}

/** A turn is two steps of a graph, the last one is one. The run's own limit comes first, and ends it well. */
export const stepsOf = ({ agent }: SdkLoop): number => 2 * agent.limits.maxTurns + 1;
