import { randomUUID } from "node:crypto";
import {
  BaseTool,
  Gemini,
  InMemoryRunner,
  isFinalResponse,
  LlmAgent,
  type LlmRequest,
  type LlmResponse,
  LogLevel,
  type RunAsyncToolRequest,
  setLogLevel,
  stringifyContent,
} from "@google/adk";
import { FunctionCallingConfigMode, type FunctionDeclaration, type HttpOptions } from "@google/genai";
import { type Asked, type ReadReply, readSecret, readSetting, type SdkLoop } from "fanout/service";

// Each replay would tell the same once more.
setLogLevel(LogLevel.WARN);

/** Runs an agent by the loop of Google's ADK: its model requests are durable steps, its calls the run's fan-out. */
export async function runAdkAgent(run: SdkLoop): Promise<string> {
  const agent = new LlmAgent({
    name: run.agent.name,
    description: run.agent.description,
    model: new DurableGemini(run),
    // A function, since braces in a text are ADK's placeholders.
    instruction: () => run.instructions,
    tools: run.tools.map((tool) => new DurableTool(run, tool)),
  });
  const runner = new InMemoryRunner({ agent, appName: "fanout" });
  const events = runner.runEphemeral({
    userId: "user",
    newMessage: { role: "user", parts: [{ text: run.message }] },
    // The run's own limit ends it well.
    runConfig: { maxLlmCalls: run.agent.limits.maxTurns },
  });
  let answer = "";
  for await (const event of events) if (isFinalResponse(event)) answer = stringifyContent(event);
  return answer;
}

/** The run's model, each of whose requests is one durable step. */
class DurableGemini extends Gemini {
  readonly #run: SdkLoop;

  constructor(run: SdkLoop) {
    super({ model: run.model, apiKey: "read when it is needed" });
    this.#run = run;
  }

  override async *generateContentAsync(request: LlmRequest): AsyncGenerator<LlmResponse, void> {
    const reply = await this.#run.ask({ send: (asked) => send(request, asked), read });
    for (const { tool } of read(reply).calls) request.toolsDict[tool] ??= new UnknownTool(tool, request);
    yield reply;
  }
}

/** Settings and the key are read inside the step: reading them may fail like the request. */
async function send(request: LlmRequest, { modelId, offersTools, signal }: Asked): Promise<LlmResponse> {
  const model = new GeminiAt(readSetting("GEMINI_BASE_URL", ""), {
    model: modelId,
    apiKey: (await readSecret("GEMINI_API_KEY")) ?? "",
  });
  const none = { toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.NONE } } };
  const config = { ...request.config, ...(!offersTools && none) };
  for await (const response of model.generateContentAsync(
    { ...request, model: modelId, config },
    false,
    signal,
  )) {
    // ADK would make ids up in each replay anew. It keeps those that begin so to itself.
    for (const { functionCall } of response.content?.parts ?? [])
      if (functionCall) functionCall.id ??= `adk-${randomUUID()}`;
    return response;
  }
  throw new Error("no response");
}

/** Gemini's API, or what speaks it elsewhere. */
class GeminiAt extends Gemini {
  readonly #baseUrl: string;

  constructor(baseUrl: string, params: ConstructorParameters<typeof Gemini>[0]) {
    super(params);
    this.#baseUrl = baseUrl;
  }

  protected override getHttpOptions(): HttpOptions {
    return { ...super.getHttpOptions(), ...(this.#baseUrl && { baseUrl: this.#baseUrl }) };
  }
}

function read({ content, usageMetadata }: LlmResponse): ReadReply {
  const parts = content?.parts ?? [];
  return {
    text: parts.map(({ text = "", thought }) => (thought ? "" : text)).join(""),
    calls: parts.flatMap(({ functionCall }) =>
      functionCall
        ? [{ id: functionCall.id ?? "", tool: functionCall.name ?? "", input: functionCall.args ?? {} }]
        : [],
    ),
    usage: {
      inputTokens: usageMetadata?.promptTokenCount ?? 0,
      outputTokens: (usageMetadata?.candidatesTokenCount ?? 0) + (usageMetadata?.thoughtsTokenCount ?? 0),
    },
  };
}

class DurableTool extends BaseTool {
  readonly #run: SdkLoop;
  readonly #inputSchema: unknown;

  constructor(run: SdkLoop, { name, description, inputSchema }: SdkLoop["tools"][number]) {
    super({ name, description });
    this.#run = run;
    this.#inputSchema = inputSchema;
  }

  override _getDeclaration(): FunctionDeclaration {
    const { name, description } = this;
    return { name, description, parametersJsonSchema: this.#inputSchema };
  }

  override async runAsync({ toolContext }: RunAsyncToolRequest): Promise<unknown> {
    const output = await this.#run.result(toolContext.functionCallId ?? "");
    return output.type === "error" ? { error: output.message } : output.value;
  }
}

/** A tool that the model has made up. ADK would end the run; as a result the model can do better. */
class UnknownTool extends BaseTool {
  readonly #known: readonly string[];

  constructor(name: string, { toolsDict }: LlmRequest) {
    super({ name, description: "" });
    this.#known = Object.keys(toolsDict);
  }

  override async runAsync(): Promise<unknown> {
    return { error: `Unknown tool "${this.name}". Tools: ${this.#known.join(", ")}.` };
  }
}
