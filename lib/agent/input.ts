import { TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { eventModes, type Watch } from "../events/index.ts";
import { attachments, refuseUntyped } from "./attachments.ts";
import { plainMessages } from "./conversation/plain.ts";
import type { Agent } from "./definition.ts";
import { type Limits, MAX_DEADLINE_SECONDS } from "./limits.ts";
import { priceOf } from "./price.ts";

/**
 * What each message to this agent takes: itself, and options that stay within the agent's own. The bounds are part of the
 * schema, so a refused option names its bound, and Restate's catalogue shows it.
 * @param model the model that the deployment uses when a run asks for none.
 */
export function agentInput(agent: Agent, model: string) {
  const { limits, maxParallelCalls, parallelToolCalls, maxOutputTokens } = agent;
  const atMost = (bound: number | undefined, schema: z.ZodNumber) =>
    (bound === undefined ? schema : schema.max(bound)).optional();
  return z.strictObject({
    message: z.string().min(1).max(100_000).describe("The question or task, in the user's words."),
    attachments: attachments.optional().describe("Images and files beside the message."),
    model: z
      .enum([model, ...agent.models])
      .optional()
      .describe("One of the agent's models."),
    maxOutputTokens: atMost(maxOutputTokens, z.int().min(1)).describe("Tokens that one reply may have."),
    maxParallelCalls: atMost(maxParallelCalls, z.int().min(1)).describe("Calls in flight at once."),
    parallelToolCalls: (parallelToolCalls ? z.boolean() : z.literal(false))
      .optional()
      .describe("false: one call at a time."),
    events: z
      .literal([true, false, ...eventModes()])
      .optional()
      .describe("What is told to those who watch: turns, calls (or true), text, or nothing (false)."),
    limits: z
      .strictObject({
        maxTurns: atMost(limits.maxTurns, z.int().min(1)),
        maxToolCalls: atMost(limits.maxToolCalls, z.int().min(1)),
        maxTokens: atMost(limits.maxTokens, z.int().min(1)),
        maxCostUsd: atMost(limits.maxCostUsd, z.number().positive()),
        deadline: z
          .strictObject({
            seconds: z
              .number()
              .positive()
              .max(limits.deadline?.seconds ?? MAX_DEADLINE_SECONDS),
          })
          .optional(),
      })
      .optional()
      .describe("Tighter limits than the agent's own."),
  });
}
/** What a message takes: a run's input without a history of its own, which the conversation has. */
export type MessageInput = z.output<ReturnType<typeof agentInput>>;

/** What a run of this agent takes. */
export const runInput = (agent: Agent, model: string) =>
  agentInput(agent, model).extend({
    messages: plainMessages.optional().describe("What was said before the message, oldest first."),
  });
/** What a run is begun with: the message, what was said before it, and options within the agent's own bounds. */
export type AgentInput = z.output<ReturnType<typeof runInput>>;

/** A run's settings: the agent's own, replaced by what the run asked for. */
export interface RunSettings {
  model: string;
  limits: Limits;
  maxParallelCalls: number | undefined;
  parallelToolCalls: boolean;
  maxOutputTokens: number | undefined;
}

/** @throws TerminalError 400 for a cost limit that nobody could keep, and for an attachment without a media type. */
export function runSettings(agent: Agent, defaultModel: string, input: MessageInput): RunSettings {
  refuseUntyped(input.attachments);
  const model = input.model ?? defaultModel;
  const limits = { ...agent.limits, ...input.limits };
  const unpriced = [model, ...agent.fallbacks].find((name) => !priceOf(name));
  if (limits.maxCostUsd !== undefined && unpriced !== undefined) {
    throw new TerminalError(`limits.maxCostUsd: there is no price for ${unpriced}`, { errorCode: 400 });
  }
  const parallelToolCalls = input.parallelToolCalls ?? agent.parallelToolCalls;
  return {
    model,
    limits,
    // A provider may ignore the wish for one call at a time.
    maxParallelCalls: parallelToolCalls ? (input.maxParallelCalls ?? agent.maxParallelCalls) : 1,
    parallelToolCalls,
    maxOutputTokens: input.maxOutputTokens ?? agent.maxOutputTokens,
  };
}

/** Who watches a run that a person begins. */
export function watchOf(agent: Agent, input: MessageInput): Watch | undefined {
  const events = input.events ?? agent.events;
  return events ? { mode: events === true ? "calls" : events, path: [] } : undefined;
}
