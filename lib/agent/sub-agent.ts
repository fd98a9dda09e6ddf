import * as z from "zod";
import { type CallReport, spanOf } from "../call/index.ts";
import { EVENT_MODES } from "../events/index.ts";
import { DEFAULT_EXPIRES_SECONDS, type Tool } from "../tool/index.ts";
import { type Limits, limitsLeft } from "./limits.ts";
import type { AgentOutput } from "./output.ts";

/** How many agents may stand above each other: a person's run, its sub-agents, and theirs. */
export const MAX_DEPTH = 3;
/** How long a run waits for a sub-agent without a deadline of its own, in seconds. */
const DEFAULT_TIMEOUT_SECONDS = 600;

/** What another agent sends: a message, what is left of its own limits, how deep it stands itself, and who watches. */
export const subAgentInput = z.strictObject({
  message: z.string().min(1).max(100_000).describe("The task, with everything the agent needs to know."),
  limits: limitsLeft.optional(),
  depth: z
    .int()
    .min(0)
    .max(MAX_DEPTH - 1)
    .default(0),
  watch: z.object({ mode: z.enum(EVENT_MODES), path: z.array(z.string()) }).optional(),
});
export type SubAgentInput = z.output<typeof subAgentInput>;

/** The handler that other agents call; a person's is `run`. */
const HANDLER = "call";

/** Whether a tool is an agent. */
export const isSubAgent = ({ handler }: Pick<Tool, "handler">): boolean => handler === HANDLER;

/** What a tool needs to know of the agent that it is. */
type Callable = Pick<Tool, "name" | "description" | "scaling"> & { tools: readonly Tool[]; limits: Limits };

/** An agent's contract as a tool of another agent: its run is a child run, under the same rules as any call. */
export function agentTool(agent: Callable): Tool {
  return {
    name: agent.name,
    description: agent.description,
    input: subAgentInput.pick({ message: true }),
    output: z.unknown(),
    handler: HANDLER,
    effect: agent.tools.some(({ effect }) => effect === "write") ? "write" : "read",
    timeout: {
      seconds: agent.limits.deadline?.seconds ?? DEFAULT_TIMEOUT_SECONDS + longestWait(agent.tools),
    },
    approval: "never",
    expires: { seconds: DEFAULT_EXPIRES_SECONDS },
    attempts: 1,
    maxResultBytes: 32_768,
    scaling: agent.scaling,
    env: {},
    secrets: [],
  };
}

/** How long the approvals of an agent's tools, and of its agents' tools, may take, in seconds. */
function longestWait(tools: readonly Tool[]): number {
  const waits = tools.map((tool) => {
    if (isSubAgent(tool)) return Math.max(0, tool.timeout.seconds - DEFAULT_TIMEOUT_SECONDS);
    return tool.approval === "never" ? 0 : tool.expires.seconds;
  });
  return Math.max(0, ...waits);
}

/** A child run's output as a call's result: the answer for the model, the usage for the caller's budget. */
export function toReport({
  answer,
  finishReason,
  toolCalls,
  usage: { perTurn: _, ...usage },
}: AgentOutput<unknown>): CallReport {
  return {
    output: finishReason === "stop" ? { answer } : { answer, finishReason },
    attempts: 1,
    ...spanOf(toolCalls),
    truncated: false,
    usage,
  };
}
