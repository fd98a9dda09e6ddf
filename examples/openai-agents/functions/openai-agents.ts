import {
  Agent,
  type AgentInputItem,
  type FunctionTool,
  type Model,
  type ModelRequest,
  type ModelResponse,
  Runner,
  Usage,
} from "@openai/agents-core";
import { OpenAIResponsesModel } from "@openai/agents-openai";
import {
  type Asked,
  boundedFetch,
  type ReadReply,
  readSecret,
  readSetting,
  type SdkLoop,
} from "fanout/service";
import OpenAI from "openai";

/** Runs an agent by the loop of the OpenAI Agents SDK: its model requests are durable steps, its calls the run's fan-out. */
export async function runOpenAiAgent(run: SdkLoop): Promise<string> {
  const { agent, instructions, tools } = run;
  const sdkAgent = new Agent({
    name: agent.name,
    instructions,
    model: durableModel(run),
    modelSettings: { store: false, parallelToolCalls: agent.parallelToolCalls },
    tools: tools.map((tool) => toSdkTool(run, tool)),
  });
  const runner = new Runner({ tracingDisabled: true, toolNotFoundBehavior: "return_error_to_model" });
  // The run's own limit ends it well.
  const { finalOutput } = await runner.run(sdkAgent, run.message, { maxTurns: agent.limits.maxTurns });
  return finalOutput ?? "";
}

/** What a request returns, as JSON: its class is made anew from it. */
type Reply = Pick<ModelResponse, "output" | "responseId"> & {
  usage: { inputTokens: number; outputTokens: number };
};

function durableModel(run: SdkLoop): Model {
  return {
    async getResponse(request) {
      const { usage, ...reply } = await run.ask({ send: (asked) => send(request, asked), read });
      return { ...reply, usage: new Usage(usage) };
    },
    getStreamedResponse() {
      throw new TypeError("a durable step has one result: streaming is not supported");
    },
  };
}

/** Settings and the key are read inside the step: reading them may fail like the request. */
async function send(request: ModelRequest, { modelId, offersTools, signal }: Asked): Promise<Reply> {
  const client = new OpenAI({
    apiKey: await readSecret("OPENAI_API_KEY"),
    baseURL: readSetting("OPENAI_BASE_URL", "https://api.openai.com/v1"),
    fetch: boundedFetch,
    // Restate's retries are the only ones.
    maxRetries: 0,
  });
  const model = new OpenAIResponsesModel(client, modelId);
  const { output, responseId, usage } = await model.getResponse({
    ...request,
    ...(!offersTools && { tools: [], handoffs: [] }),
    signal,
  });
  const { inputTokens, outputTokens } = usage;
  return { output, responseId, usage: { inputTokens, outputTokens } };
}

function read({ output, usage }: Reply): ReadReply {
  return { text: output.map(textOf).join(""), calls: output.flatMap(callsOf), usage };
}

function textOf(item: AgentInputItem): string {
  if (item.type !== "message" || item.role !== "assistant") return "";
  return item.content.map((part) => (part.type === "output_text" ? part.text : "")).join("");
}

function callsOf(item: AgentInputItem): ReadReply["calls"] {
  return item.type === "function_call"
    ? [{ id: item.callId, tool: item.name, input: parse(item.arguments) }]
    : [];
}

/** Arguments that are no JSON stay text: the run says what is wrong with them. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return text;
  }
}

function toSdkTool(run: SdkLoop, { name, description, inputSchema }: SdkLoop["tools"][number]): FunctionTool {
  return {
    type: "function",
    name,
    description,
    parameters: inputSchema as FunctionTool["parameters"],
    strict: false,
    // Whoever has to approve a call says so in its contract.
    needsApproval: async () => false,
    isEnabled: async () => true,
    invoke: async (_context, _input, details) => {
      const output = await run.result(details?.toolCall?.callId ?? "");
      return output.type === "error" ? `Error: ${output.message}` : JSON.stringify(output.value);
    },
  };
}
