import type { Command } from "commander";
import type { AgentInput } from "../../agent/index.ts";
import { asUsage } from "../arguments.ts";

/** A run's input besides its message. */
type RunOptions = Pick<AgentInput, "model" | "limits">;

/** The flags for a run's options; the agent checks that each is within its own bounds. */
export interface RunFlags {
  model?: string;
  maxTurns?: number;
  maxToolCalls?: number;
  maxTokens?: number;
  maxCostUsd?: number;
  deadline?: number;
}

export function addRunFlags(command: Command): Command {
  return command
    .option("--model <provider/model>", "one of the agent's models")
    .option("--max-turns <n>", "end after that many model calls", asUsage(readCount))
    .option("--max-tool-calls <n>", "end after that many tool calls", asUsage(readCount))
    .option("--max-tokens <n>", "end after that many tokens, in and out", asUsage(readCount))
    .option("--max-cost-usd <usd>", "end when the model has cost that much", asUsage(readAmount))
    .option("--deadline <seconds>", "end when that much time has passed", asUsage(readAmount));
}

/** A run's options under the names that its input has for them; only those that were given. */
export function runOptions({ model, deadline, ...flags }: RunFlags): RunOptions {
  const { maxTurns, maxToolCalls, maxTokens, maxCostUsd } = flags;
  const limits = given({
    maxTurns,
    maxToolCalls,
    maxTokens,
    maxCostUsd,
    deadline: deadline === undefined ? undefined : { seconds: deadline },
  });
  return given({ model, limits: Object.keys(limits).length === 0 ? undefined : limits });
}

function given<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}

/** Reads a whole number of at least 1. */
function readCount(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new TypeError(`Expected a whole number from 1, got "${text}".`);
}

/** Reads a number above 0. */
function readAmount(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new TypeError(`Expected a number above 0, such as 0.5, got "${text}".`);
}
