import * as z from "zod";
import { EVENT_MODES } from "../events/index.ts";
import { explain } from "../runtime/index.ts";

/** What `POST /runs` takes: the agent, the message, and a run's options, whose own bounds the agent knows. */
const bodySchema = (agents: readonly string[]) =>
  z.strictObject({
    agent: z.enum(agents),
    message: z.string().min(1).max(100_000),
    attachments: z.array(z.record(z.string(), z.string())).max(20).optional(),
    model: z.string().max(200).optional(),
    maxParallelCalls: z.int().min(1).optional(),
    parallelToolCalls: z.boolean().optional(),
    events: z.union([z.boolean(), z.enum(EVENT_MODES)]).optional(),
    limits: z
      .strictObject({
        maxTurns: z.int().min(1).optional(),
        maxToolCalls: z.int().min(1).optional(),
        maxTokens: z.int().min(1).optional(),
        maxCostUsd: z.number().positive().optional(),
        deadline: z.strictObject({ seconds: z.number().positive() }).optional(),
      })
      .optional(),
  });

/** A request for a run, or what is wrong with it. */
type RunRequest = { agent: string; input: object } | { problem: string };

/** Reads a body. @param agents the names of those that may be asked. */
export function readRunRequest(text: string, agents: readonly string[]): RunRequest {
  const read = readBody(bodySchema(agents), text);
  if ("problem" in read) return read;
  const { agent, ...input } = read.body;
  return { agent, input };
}

/** The same for a message in a conversation, which may cancel the run in progress. */
export function readMessage(
  text: string,
  agents: readonly string[],
): { agent: string; input: object; interrupt: boolean } | { problem: string } {
  const read = readBody(bodySchema(agents).extend({ interrupt: z.boolean().default(false) }), text);
  if ("problem" in read) return read;
  const { agent, interrupt, ...input } = read.body;
  return { agent, input, interrupt };
}

/** Reads a body of JSON, or says what is wrong with it. */
export function readBody<T extends z.ZodType>(
  schema: T,
  text: string,
): { body: z.output<T> } | { problem: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { problem: "Expected a body of JSON." };
  }
  const { success, data, error } = schema.safeParse(body);
  return success ? { body: data } : { problem: explain(error, body) };
}

const keySchema = z.string().min(1).max(200);

/** Reads an idempotency key. @returns undefined for none. */
export const readKey = (header: string | undefined): string | undefined | { problem: string } =>
  header === undefined || keySchema.safeParse(header).success
    ? header
    : { problem: "idempotency-key: expected 1 to 200 characters." };

/** Reads a whole number from 0, as a query or a header has it. @returns undefined for none, or for something else. */
export const readCount = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
