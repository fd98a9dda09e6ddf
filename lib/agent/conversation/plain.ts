import * as z from "zod";
import { jsonBytes } from "../../runtime/index.ts";
import { attachments } from "../attachments.ts";
import { plainMessage as replyMessage } from "../models/journaled-reply.ts";
import type { Message, ModelReply, ResultForModel } from "../models/seam.ts";

/** How many messages may be handed in, and what they may take together, in bytes of JSON: they travel with the run's journal. */
const MAX_MESSAGES = 1_000;
const MAX_BYTES = 1_000_000;

const id = z.string().regex(/^[\w.:-]{1,128}$/, "expected an id of letters, digits and _.:-");
const at = z.iso.datetime().optional().describe("When it was said; not read.");

const plainMessage = z.discriminatedUnion("role", [
  z.strictObject({
    role: z.literal("user"),
    text: z.string().min(1),
    attachments: attachments.optional(),
    run: z.string().max(200).optional().describe("The run that answered it; not read."),
    at,
  }),
  z.strictObject({
    role: z.literal("assistant"),
    text: z.string(),
    calls: z.array(z.strictObject({ id, tool: z.string().min(1).max(200), input: z.unknown() })).optional(),
    at,
  }),
  z.strictObject({
    role: z.literal("tool"),
    results: z
      .array(
        z.strictObject({
          id,
          tool: z.string().min(1).max(200),
          output: z.unknown().optional(),
          error: z.string().optional().describe("In place of an output."),
        }),
      )
      .min(1),
  }),
]);

/**
 * A message of a conversation: what the user said, what the model said and which calls it asked for, or what came of these.
 * Times are ISO 8601.
 */
export type PlainMessage = z.output<typeof plainMessage>;

/** What was said before, oldest first: it begins with the user, and each call has its result in the very next message. */
export const plainMessages = z
  .array(plainMessage)
  .max(MAX_MESSAGES)
  .superRefine((messages, { addIssue }) => {
    const refuse = (path: number[], message: string) => addIssue({ code: "custom", message, path });
    const bytes = jsonBytes(messages);
    if (bytes > MAX_BYTES) refuse([], `expected at most ${MAX_BYTES} bytes, there are ${bytes}`);
    const wrong = messages.findIndex((_, index) => problemOf(messages, index) !== undefined);
    if (wrong >= 0) refuse([wrong], problemOf(messages, wrong) as string);
  });

/** Why a message cannot stand where it does. */
function problemOf(messages: readonly PlainMessage[], index: number): string | undefined {
  const message = messages[index];
  if (index === 0 && message?.role !== "user") return "expected the first message to be the user's";
  if (message?.role === "assistant") {
    const ids = callsOf(message);
    if (message.text === "" && ids.length === 0) return "expected a text or calls";
    if (new Set(ids).size < ids.length) return "expected calls with different ids";
  }
  const before = messages[index - 1];
  const asked = before?.role === "assistant" ? callsOf(before) : [];
  if (message?.role !== "tool")
    return asked.length > 0 ? `expected the results of ${asked.join(", ")}` : unanswered(messages, index);
  const given = message.results.map((result) => result.id);
  const matches = given.length === asked.length && asked.every((one) => given.includes(one));
  return matches
    ? undefined
    : `expected results of the calls before it (${asked.join(", ") || "none"}), they are of ${given.join(", ")}`;
}

/** The run's own message follows the last one. */
function unanswered(messages: readonly PlainMessage[], index: number): string | undefined {
  const message = messages[index];
  if (index < messages.length - 1 || message?.role !== "assistant") return undefined;
  const ids = callsOf(message);
  return ids.length > 0 ? `expected the results of ${ids.join(", ")} after it` : undefined;
}

const callsOf = ({ calls = [] }: { calls?: { id: string }[] | undefined }) => calls.map((call) => call.id);

/** Plain messages as a model is given them. */
export const fromPlain = (messages: readonly PlainMessage[]): Message[] => messages.map(toModel);

function toModel(message: PlainMessage): Message {
  switch (message.role) {
    case "user":
      return { role: "user", text: message.text, attachments: message.attachments };
    case "assistant": {
      const { text, calls = [] } = message;
      const finishReason = calls.length > 0 ? "tool-calls" : "stop";
      const said = { text, calls, message: replyMessage({ text, calls }) };
      return {
        role: "assistant",
        reply: { ...said, finishReason, usage: { inputTokens: 0, outputTokens: 0 } },
      };
    }
    case "tool":
      return { role: "tool", results: message.results.map(toResult) };
  }
}

const toResult = ({ id, tool, output, error }: ResultOf<PlainMessage>): ResultForModel => ({
  id,
  tool,
  output: error === undefined ? { type: "json", value: output ?? null } : { type: "error", message: error },
});
type ResultOf<M> = M extends { role: "tool"; results: (infer Result)[] } ? Result : never;

/** A conversation in its plain form; the kit's own words are left out. */
export function toPlain(messages: readonly Message[]): PlainMessage[] {
  return messages.flatMap((message, index): PlainMessage[] => {
    if (message.role === "tool") return [{ role: "tool", results: message.results.map(toPlainResult) }];
    if (message.role === "assistant") {
      const { text, calls } = message.reply;
      return [{ role: "assistant", text, calls, ...timeOf(message.reply, "endedAt") }];
    }
    const { by, text, attachments, run } = message;
    if (by !== undefined) return [];
    const next = messages[index + 1];
    const files = attachments && { attachments: [...attachments] };
    const asked = next?.role === "assistant" ? timeOf(next.reply, "startedAt") : {};
    return [{ role: "user", text, ...files, ...(run !== undefined && { run }), ...asked }];
  });
}

const toPlainResult = ({ id, tool, output }: ResultForModel) =>
  output.type === "json"
    ? { id, tool, output: output.value }
    : { id, tool, output: undefined, error: output.message };

/** When a reply was asked for, or given; nothing for one that was handed in. */
function timeOf(reply: ModelReply, field: "startedAt" | "endedAt"): { at?: string } {
  const ms = (reply as Partial<Record<typeof field, number>>)[field];
  return ms === undefined ? {} : { at: new Date(ms).toISOString() };
}
