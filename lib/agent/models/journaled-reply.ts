import { type Serde, serde } from "@restatedev/restate-sdk/lambda";
import { jsonBytes } from "../../runtime/index.ts";
import type { TimedReply } from "./request.ts";
import type { Call } from "./seam.ts";
import type { OutOfTime } from "./within-time.ts";

/** A reply without what stands in another of its fields as well: text and calls in the provider's message, or that in them. */
type Journaled = Omit<TimedReply, Derived> & Partial<Pick<TimedReply, Derived>>;
type Derived = "text" | "calls" | "message";

/** A part of a message of the AI SDK: the fields that a text and a call have. */
interface Part {
  type: string;
  text?: string;
  toolCallId?: string;
  toolName?: string;
  input?: unknown;
}

/** A reply as the journal holds it. The journal travels to the agent at each resume, so nothing stands in it twice. */
export function asJournaled({ text, calls, message, ...reply }: TimedReply): Journaled {
  if (isSame(message, plainMessage({ text, calls })))
    return { ...reply, ...(text !== "" && { text }), ...(calls.length > 0 && { calls }) };
  return {
    ...reply,
    message,
    ...(text !== textIn(message) && { text }),
    // A call that was changed since, such as one that the length limit cut, stands for itself.
    ...(!isSame(calls, callsIn(message)) && { calls }),
  };
}

/** What a reply takes in the journal, in bytes. */
export const journaledBytes = (reply: TimedReply): number => jsonBytes(asJournaled(reply));

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The message of a reply that has nothing of its provider's own, such as its thoughts or its ids. */
export function plainMessage({ text, calls }: Pick<TimedReply, "text" | "calls">): object {
  const content: Part[] = calls.map(({ id, tool, input }) => ({
    type: "tool-call",
    toolCallId: id,
    toolName: tool,
    input,
  }));
  if (text !== "") content.unshift({ type: "text", text });
  return { role: "assistant", content };
}

/** What the durable step of a turn returns, to the journal and back. */
export const turnSerde: Serde<TimedReply | OutOfTime> = {
  contentType: "application/json",
  serialize: (value) => serde.json.serialize("outOfTime" in value ? value : asJournaled(value)),
  deserialize: (bytes) => {
    const value = serde.json.deserialize(bytes) as Journaled | OutOfTime;
    if ("outOfTime" in value) return value;
    const { message, text = textIn(message), calls = callsIn(message), ...reply } = value;
    return { text, calls, message: "message" in value ? message : plainMessage({ text, calls }), ...reply };
  },
};

/**
 * How many calls a reply asks for, by what the journal holds of a step: a turn of ours, or of another SDK's loop.
 * @returns 0 for any other step.
 */
export function callsAskedFor(journaled: Uint8Array): number {
  const step = journaled.length === 0 ? undefined : serde.json.deserialize(journaled);
  const { calls, message, asked } = Object(step) as Partial<Journaled> & { asked?: unknown };
  return typeof asked === "number" ? asked : (calls ?? callsIn(message)).length;
}

function textIn(message: unknown): string {
  return partsOf(message)
    .map(({ type, text }) => (type === "text" && text) || "")
    .join("");
}

function callsIn(message: unknown): Call[] {
  return partsOf(message)
    .filter(({ type }) => type === "tool-call")
    .map(({ toolCallId = "", toolName = "", input }) => ({ id: toolCallId, tool: toolName, input }));
}

function partsOf(message: unknown): Part[] {
  const { content = [] } = (message ?? {}) as { content?: Part[] };
  return content;
}
