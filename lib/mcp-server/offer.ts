import type { CallToolResult, Tool as McpTool } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Agent } from "../agent/index.ts";
import { check } from "../runtime/index.ts";
import type { Tool } from "../tool/index.ts";
import { TOOL_CALLS } from "../tool-calls/index.ts";
import { asResult, fails } from "./result.ts";

/** What is called for it: a handler of a service, and with what. */
export interface Target {
  service: string;
  handler: string;
  parameter: object;
}

/** A tool or an agent, as MCP clients see and call it. */
export interface Offer {
  definition: McpTool;
  /** Whether it has something to tell before its result. */
  tells: boolean;
  /** Checks what a client wants it called with. @param watched whether somebody reads what it tells. */
  read(input: Record<string, unknown>, watched: boolean): Target | { problem: string };
  /** What a client gets of its output. */
  result(output: unknown): CallToolResult;
}

const schemaOf = (schema: z.ZodType, io: "input" | "output") =>
  z.toJSONSchema(schema, { io }) as McpTool["inputSchema"];

/** MCP knows outputs that are objects. */
function outputSchemaOf(output: z.ZodType): { outputSchema?: NonNullable<McpTool["outputSchema"]> } {
  const schema = schemaOf(output, "output");
  return schema.type === "object" ? { outputSchema: schema } : {};
}

/**
 * What a client may conclude. A write is never called idempotent: the same request twice is one call, but two requests with the same
 * arguments are two, and what a second one does is not in the contract.
 */
const annotationsOf = (effect: Tool["effect"]): NonNullable<McpTool["annotations"]> =>
  effect === "read"
    ? { readOnlyHint: true }
    : { readOnlyHint: false, destructiveHint: true, idempotentHint: false };

/** A tool, which is called through the service that calls those that are exposed. */
export function toolOffer({ name, description, input, output, effect, approval }: Tool): Offer {
  const { outputSchema } = outputSchemaOf(output);
  return {
    definition: {
      name,
      description,
      inputSchema: schemaOf(input, "input"),
      ...(outputSchema && { outputSchema }),
      annotations: annotationsOf(effect),
    },
    tells: approval !== "never",
    read(given) {
      const { problem } = check(input, given);
      if (problem !== undefined) return { problem };
      return { service: TOOL_CALLS, handler: "call", parameter: { tool: name, input: given } };
    },
    result(called) {
      const { output, truncated } = called as { output: unknown; truncated: boolean };
      if (outputSchema === undefined || !truncated) return asResult(output, outputSchema);
      // It may not fit its schema any more, which only a failure may not.
      return fails(`The result was too long and is not whole: ${JSON.stringify(output)}`);
    },
  };
}

const message = z.object({
  message: z.string().min(1).max(100_000).describe("The question or task, with everything it takes."),
});

/** An agent that takes a message. */
export function agentOffer({ name, description, answer, tools }: Agent): Offer {
  const output = z.object({
    answer: answer ?? z.string(),
    finishReason: z.string().describe("stop, or why the agent ended before it was done."),
  });
  return {
    definition: {
      name,
      description,
      inputSchema: schemaOf(message, "input"),
      ...outputSchemaOf(output),
      annotations: annotationsOf(effectOf(tools)),
    },
    tells: true,
    read(given, watched) {
      const checked = check(message, given);
      if (checked.problem !== undefined) return { problem: checked.problem };
      return {
        service: name,
        handler: "run",
        parameter: { ...checked.data, ...(watched && { events: "calls" }) },
      };
    },
    result(run) {
      const { answer, finishReason } = run as { answer: unknown; finishReason: string };
      const text = typeof answer === "string" ? answer : JSON.stringify(answer);
      return { content: [{ type: "text", text }], structuredContent: { answer, finishReason } };
    },
  };
}

/** An agent with a handler of its own. @param inputSchema what that takes, as its service says. */
export function ownHandlerOffer(
  { name, description, tools }: Agent,
  inputSchema: McpTool["inputSchema"],
): Offer {
  return {
    definition: { name, description, inputSchema, annotations: annotationsOf(effectOf(tools)) },
    tells: false,
    read: (given) => ({ service: name, handler: "run", parameter: given }),
    result: (output) => asResult(output, undefined),
  };
}

/** Whatever one of its tools may do. */
const effectOf = (tools: readonly Tool[]): Tool["effect"] =>
  tools.some(({ effect }) => effect === "write") ? "write" : "read";
