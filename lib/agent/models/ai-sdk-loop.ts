import { CancelledError, type Context, TerminalError } from "@restatedev/restate-sdk/lambda";
import { AISDKError, generateText, type LanguageModelUsage, stepCountIs, tool } from "ai";
import { callTool } from "../../call/index.ts";
import { cleanMessage, jsonBytes } from "../../runtime/index.ts";
import type { Tool } from "../../tool/index.ts";
import type { Agent } from "../definition.ts";
import { MAX_JOURNAL_BYTES } from "../journal-size.ts";
import { ofTheModel, toRestateError } from "../model-failure.ts";
import { logRun, logTurn } from "../run-log.ts";
import type { RunSummary } from "../telemetry.ts";

import { callOptions } from "./ai-sdk.ts";
import { durableModel } from "./durable-model.ts";
import { toUsage } from "./reply.ts";

/** One call that the model asked for: what it was given, and what came of it. */
type LoopCall = { tool: string; input: unknown } & (
  | { ok: true; output: unknown }
  | { ok: false; error: string }
);

/**
 * Runs an agent by the AI SDK's own loop instead of ours: each model request is a durable step, each tool call a durable
 * call of the tool's own function, one after another. It asks this one model, without fallbacks or prompt caching. The last of `maxTurns` requests offers no calls.
 * @param model `provider/model`.
 * @throws TerminalError 502 when the model gives no reply.
 */
export async function runAiSdkLoop(
  ctx: Context,
  options: { agent: Agent; model: string; prompt: string },
): Promise<{ text: string; calls: LoopCall[] }> {
  const { text, calls } = await logRun(ctx, () => loop(ctx, options), summarise);
  return { text, calls };
}

interface Looped {
  text: string;
  calls: LoopCall[];
  finishReason: string;
  steps: readonly unknown[];
  usage: LanguageModelUsage;
}

function summarise({ finishReason, steps, calls, usage }: Looped): RunSummary {
  return { finishReason, turns: steps.length, toolCalls: calls.length, ...toUsage(usage) };
}

async function loop(
  ctx: Context,
  { agent, model, prompt }: { agent: Agent; model: string; prompt: string },
): Promise<Looped> {
  const calls: LoopCall[] = [];
  const run = new DurableTools(ctx, calls);
  const lastStep = agent.limits.maxTurns - 1;
  try {
    const { text, finishReason, steps, usage } = await generateText({
      model: durableModel(ctx, model, { parallelToolCalls: false, agent }),
      ...callOptions(agent),
      instructions: agent.instructions,
      prompt,
      tools: Object.fromEntries(agent.tools.map((contract) => [contract.name, run.toSdkTool(contract)])),
      // Two durable calls must not be awaited at the same time outside RestatePromise, whatever the model asks for.
      toolCallConcurrency: 1,
      stopWhen: stepCountIs(agent.limits.maxTurns),
      prepareStep: ({ stepNumber, messages }) => {
        run.hold(messages);
        run.throwIfEnded();
        return stepNumber === lastStep ? { toolChoice: "none" } : {};
      },
      onStepEnd: ({ stepNumber, toolCalls, usage }) =>
        logTurn(ctx, agent.tools, {
          turn: stepNumber + 1,
          model,
          calls: toolCalls.map(({ toolName }) => toolName),
          ...toUsage(usage),
        }),
      // Restate's retries are the only ones.
      maxRetries: 0,
    });
    run.throwIfEnded();
    return { text, calls, finishReason, steps, usage };
  } catch (error) {
    throw ofTheModel(AISDKError.isInstance(error) ? toRestateError(error) : error);
  }
}

/** Tools whose execution is a durable call. The SDK makes every error of a tool a result, so what ends the run is kept apart. */
class DurableTools {
  readonly #ctx: Context;
  readonly #calls: LoopCall[];
  #ended: TerminalError | undefined;
  #bytesBefore = 0;
  #bytesOfResults = 0;

  constructor(ctx: Context, calls: LoopCall[]) {
    this.#ctx = ctx;
    this.#calls = calls;
  }

  toSdkTool(contract: Tool) {
    return tool({
      description: contract.description,
      inputSchema: contract.input,
      execute: async (input, { toolCallId }) => {
        this.throwIfEnded();
        try {
          const output = await callTool(this.#ctx, contract, input, toolCallId);
          this.#calls.push({ tool: contract.name, input, ok: true, output });
          this.#bytesOfResults += jsonBytes(output);
          this.#endIfFull();
          return output;
        } catch (error) {
          if (error instanceof CancelledError) this.#ended = error;
          if (!(error instanceof TerminalError)) throw error;
          const message = cleanMessage(error);
          this.#calls.push({ tool: contract.name, input, ok: false, error: message });
          throw new Error(message);
        }
      },
    });
  }

  /** F9: the SDK's loop has no last turn, so a run that would outgrow its journal fails. @param conversation what it is so far. */
  hold(conversation: unknown): void {
    this.#bytesBefore = jsonBytes(conversation);
    this.#bytesOfResults = 0;
    this.#endIfFull();
  }

  #endIfFull(): void {
    if (this.#bytesBefore + this.#bytesOfResults <= MAX_JOURNAL_BYTES) return;
    this.#ended ??= new TerminalError(`The run holds more than ${MAX_JOURNAL_BYTES / 1_000_000} MB`);
  }

  throwIfEnded(): void {
    if (this.#ended) throw this.#ended;
  }
}
