import { type Serde, serde } from "@restatedev/restate-sdk/lambda";
import type { TimedReply } from "./request.ts";
import type { Call } from "./seam.ts";
import type { OutOfTime } from "./within-time.ts";

/** A reply without the text and the calls that stand in the provider's own message as well. */
type Journaled = Omit<TimedReply, "text" | "calls"> & Partial<Pick<TimedReply, "text" | "calls">>;

/** A part of a message of the AI SDK: the fields that a text and a call have. */
interface Part {
  type: string;
  text?: string;
  toolCallId?: string;
  toolName?: string;
  input?: unknown;
}

/** A reply as the journal holds it. The journal travels to the agent at each resume, so nothing stands in it twice. */
export function asJournaled({ text, calls, ...reply }: TimedReply): Journaled {
  return {
    ...reply,
    ...(text !== textIn(reply.message) && { text }),
    // A call that was changed since, such as one that the length limit cut, stands for itself.
    ...(JSON.stringify(calls) !== JSON.stringify(callsIn(reply.message)) && { calls }),
  };
}

/** What the durable step of a turn returns, to the journal and back. */
export const turnSerde: Serde<TimedReply | OutOfTime> = {
  contentType: "application/json",
  serialize: (value) => serde.json.serialize("outOfTime" in value ? value : asJournaled(value)),
  deserialize: (bytes) => {
    const value = serde.json.deserialize(bytes) as Journaled | OutOfTime;
    if ("outOfTime" in value) return value;
    const { text = textIn(value.message), calls = callsIn(value.message), ...reply } = value;
    return { text, calls, ...reply };
  },
};

/** How many calls a reply asks for, by what the journal holds of a step; 0 for a step that is no turn of ours. */
export function callsAskedFor(journaled: Uint8Array): number {
  const step = journaled.length === 0 ? undefined : serde.json.deserialize(journaled);
  const { calls, message } = Object(step) as Partial<Journaled>;
  return (calls ?? callsIn(message)).length;
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
