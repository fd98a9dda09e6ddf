import * as z from "zod";
import type { Tool, ToolResult } from "../tool/index.ts";
import type { Agent, Limits } from "./definition.ts";
import type { AgentOutput } from "./output.ts";

/** How many agents may stand above each other: a person's run, its sub-agents, and theirs. */
export const MAX_DEPTH = 3;
/** How long a run waits for a sub-agent without a deadline of its own, in seconds. */
const DEFAULT_TIMEOUT_SECONDS = 600;

/** What another agent sends: a message, what is left of its own limits, and how deep it stands itself. */
export const subAgentInput = z.strictObject({
  message: z.string().min(1).max(100_000).describe("The task, with everything the agent needs to know."),
  limits: z
    .object({
      maxTokens: z.number().optional(),
      maxCostUsd: z.number().optional(),
      deadline: z.object({ seconds: z.number() }).optional(),
    })
    .optional(),
  depth: z
    .int()
    .min(0)
    .max(MAX_DEPTH - 1)
    .default(0),
});
export type SubAgentInput = z.output<typeof subAgentInput>;

/** An agent's contract as a tool of another agent: its run is a child run, under the same rules as any call. */
export function agentTool(agent: Agent): Tool {
  return {
    name: agent.name,
    description: agent.description,
    input: subAgentInput.pick({ message: true }),
    output: z.unknown(),
    handler: "call",
    effect: agent.tools.some(({ effect }) => effect === "write") ? "write" : "read",
    timeout: { seconds: agent.limits.deadline?.seconds ?? DEFAULT_TIMEOUT_SECONDS },
    attempts: 1,
    maxResultBytes: 32_768,
    approval: "never",
    scaling: agent.scaling,
    env: {},
    secrets: [],
  };
}

/** F11: an agent's own limits, or what is left of its caller's where that is less. */
export function tighter(own: Limits, left: SubAgentInput["limits"]): Limits {
  const least = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
  const seconds = least(own.deadline?.seconds, left?.deadline?.seconds);
  return {
    ...own,
    maxTokens: least(own.maxTokens, left?.maxTokens),
    maxCostUsd: least(own.maxCostUsd, left?.maxCostUsd),
    deadline: seconds === undefined ? undefined : { seconds },
  };
}

/** A child run's output as a call's result: the answer for the model, the usage for the caller's account. */
export function toToolResult({ answer, finishReason, toolCalls, usage }: AgentOutput<unknown>): ToolResult {
  const begins = toolCalls.flatMap(({ startedAt }) => (startedAt ? [Date.parse(startedAt)] : []));
  const ends = toolCalls.flatMap(({ startedAt, durationMs }) =>
    startedAt ? [Date.parse(startedAt) + durationMs] : [],
  );
  const startedAt = begins.length > 0 ? new Date(Math.min(...begins)).toISOString() : null;
  return {
    output: finishReason === "stop" ? { answer } : { answer, finishReason },
    attempts: 1,
    startedAt,
    durationMs: begins.length > 0 ? Math.max(...ends) - Math.min(...begins) : 0,
    truncated: false,
    usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, costUsd: usage.costUsd },
  };
}
