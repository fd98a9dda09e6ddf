import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { aboveRun, callOrigin, isToldOf, runSpan, type Usage } from "../call/index.ts";
import { emitMetrics, inSpan, recordSpan } from "../telemetry/index.ts";
import { agentOf } from "./conversation/name.ts";
import { parseModelName } from "./models/providers.ts";
import type { ModelReply } from "./models/seam.ts";
import type { AgentOutput } from "./output.ts";

type Ctx = Pick<Context, "request">;

/** What a run came to. */
export interface RunSummary extends Usage {
  finishReason: string;
  turns: number;
  toolCalls: number;
}

/** What a run's output says of it. */
export const summarise = ({
  finishReason,
  turns,
  toolCalls,
  usage: { perTurn: _, ...usage },
}: AgentOutput<unknown>): RunSummary => ({
  finishReason,
  turns,
  toolCalls: toolCalls.length,
  ...usage,
});

/** When the first model request of a run began, ms since the epoch: by the journal, or by this attempt where it made it. */
const begins = new WeakMap<Ctx, number>();

export function noteBegin(ctx: Ctx, startedAt: number): void {
  begins.set(ctx, Math.min(begins.get(ctx) ?? startedAt, startedAt));
}

/** How the conventions call the providers whose names are others here. */
const PROVIDER_NAMES: Readonly<Record<string, string>> = { bedrock: "aws.bedrock", google: "gcp.gemini" };

/**
 * Asks a model inside a span of the request, by OpenTelemetry's conventions for generative AI.
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export async function inChatSpan<Reply>(
  model: string,
  ask: () => Promise<Reply>,
  told: (reply: Reply) => Pick<ModelReply, "usage" | "finishReason">,
): Promise<Reply> {
  const { modelId } = parseModelName(model);
  const [provider = ""] = model.split("/", 1);
  const attributes = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": PROVIDER_NAMES[provider] ?? provider,
    "gen_ai.request.model": modelId,
  };
  return inSpan({ name: `chat ${modelId}`, kind: "client", attributes }, ask, (reply) => {
    const { usage, finishReason } = told(reply);
    return { ...tokens(usage), "gen_ai.response.finish_reasons": [finishReason] };
  });
}

const tokens = ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
}: Omit<Usage, "costUsd">) => ({
  "gen_ai.usage.input_tokens": inputTokens,
  "gen_ai.usage.output_tokens": outputTokens,
  ...(cacheReadTokens && { "gen_ai.usage.cache_read.input_tokens": cacheReadTokens }),
  ...(cacheWriteTokens && { "gen_ai.usage.cache_creation.input_tokens": cacheWriteTokens }),
});

/** Tells metrics what a reply of the model has cost. */
export function tellTurn(ctx: Ctx, { inputTokens, outputTokens, costUsd }: Usage): void {
  if (!isToldOf(ctx)) return;
  emitMetrics({
    values: { InputTokens: inputTokens, OutputTokens: outputTokens, CostUsd: costUsd },
    of: { Agent: agentOf(ctx.request().target.service) },
    by: { InputTokens: ["Agent"], OutputTokens: ["Agent"], CostUsd: ["Agent"] },
  });
}

/** Tells traces and metrics of a run, in the attempt that ends it: one that suspends or is tried again does not get here. */
export async function tellRun<T>(
  ctx: Ctx,
  work: () => Promise<T>,
  summarise: (output: T) => RunSummary,
): Promise<T> {
  try {
    const output = await work();
    tellEnd(ctx, { summary: summarise(output) });
    return output;
  } catch (error) {
    if (error instanceof TerminalError) tellEnd(ctx, { error });
    // F13: a cancellation too.
    throw error;
  }
}

function tellEnd(ctx: Ctx, { summary, error }: { summary?: RunSummary; error?: TerminalError }): void {
  if (!isToldOf(ctx)) return;
  const request = ctx.request();
  const agent = agentOf(request.target.service);
  const cancelled = error instanceof CancelledError;
  // A sub-agent's run is a call of another run.
  if (callOrigin(request).run === request.id) {
    emitMetrics({
      values: { Runs: 1, FailedRuns: Number(error !== undefined && !cancelled) },
      of: { Agent: agent },
      by: { Runs: ["Agent"], FailedRuns: ["Agent"] },
    });
  }
  const { spanId, ...trace } = runSpan(request);
  recordSpan({
    name: `invoke_agent ${agent}`,
    kind: "internal",
    trace,
    spanId,
    parentSpanId: aboveRun(request),
    startedAt: begins.get(ctx),
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": agent,
      "gen_ai.conversation.id": request.target.key ?? callOrigin(request).run,
      "fanout.run.finish_reason": cancelled ? "cancelled" : summary?.finishReason,
      "fanout.run.turns": summary?.turns,
      "fanout.run.tool_calls": summary?.toolCalls,
      "fanout.run.cost_usd": summary?.costUsd,
      ...(summary && tokens(summary)),
    },
    errorType: error && !cancelled ? error.name : undefined,
  });
}
